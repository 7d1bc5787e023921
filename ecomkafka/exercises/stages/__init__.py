"""What the questions of one lesson run on."""
