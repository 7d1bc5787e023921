"""How the panels show it: HTML and pictures."""
