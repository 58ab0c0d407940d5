"""Conversations out of the tracker store, as they are looked back on: turns, forms, steps."""
