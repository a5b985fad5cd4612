"""Small servers, each set up as its own documentation advises."""
