"""The services outside that the skills ask: one module and one typed error each."""
