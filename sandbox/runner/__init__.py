"""Starts everything that the product needs, on one machine: for the demo and for the tests."""
