"""How an exercise is staged, bounded in time and checked."""
