"""Lesson 18: what each fault of a chaos run is, in words, and crashes in the middle of an order."""
