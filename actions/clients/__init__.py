"""Clients of services outside, one module each."""
"""Services outside: async, every wait with a limit, one typed error each."""
