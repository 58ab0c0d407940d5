"""Services outside: async, every wait with a limit, one typed error each."""

"""The services outside that the skills ask: one module and one typed error each."""
