"""Lesson 17: to look at a shop again and again, and a Friday on which something in it is slow."""
