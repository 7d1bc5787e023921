"""Doors as a beginner builds them, and the clients that break them: lesson 16."""
