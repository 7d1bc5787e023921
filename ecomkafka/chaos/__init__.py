"""A seeded plan of faults against a shop of processes, its timeline and its verdict."""
