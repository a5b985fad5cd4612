"""Programs that benchmarks start inside of Django, on a database of their own."""
