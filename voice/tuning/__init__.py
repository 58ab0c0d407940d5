"""Adapts recognisers to recordings of those who speak to them."""
