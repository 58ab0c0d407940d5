"""Services outside: async, every wait with a limit, one typed error each."""
