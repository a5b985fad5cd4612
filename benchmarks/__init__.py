"""Side by side with peers, on one machine, in one run: ``make bench``. How to read the figures: docs/performance.md.

Each module here that has a ``NAME`` and a ``run(*, quick: bool) -> Report`` is a benchmark. It starts what it needs and
stops it again, measures in interleaved rounds, and reports medians; ratios are what counts, not absolute figures.
"""
