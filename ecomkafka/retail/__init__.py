"""A retailer's real orders, read from a file."""
