"""A new model takes the place of an old one only where it is no worse."""
