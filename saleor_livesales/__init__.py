"""Live sales for Saleor: notices visitors, offers help, and connects them with a sales rep."""

__version__ = "0.1.0"
