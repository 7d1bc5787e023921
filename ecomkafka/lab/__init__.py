"""For notebooks: one shop to start, watch, break and repair."""
