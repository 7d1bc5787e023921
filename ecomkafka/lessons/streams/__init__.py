"""Lessons 13 and 13b: a week that is sold at once, a copy of it in parts, and a topic read by hand."""
