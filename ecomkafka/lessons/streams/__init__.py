"""Lessons 13 and 13b: a week that is sold at once, and a topic read by hand for a naive join."""
