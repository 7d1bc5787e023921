"""Figures that one lesson alone shows."""
