"""Explains names, words and error texts; what is quick to say needs none of what is slow to import."""
