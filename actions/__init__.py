"""Parley's action server: what the skills really do, one module for each concern."""
