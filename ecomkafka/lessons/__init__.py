"""What one lesson alone uses, the naive versions first of all."""
