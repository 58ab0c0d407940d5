"""What a person starts by hand: set-up, training, chat, servers.

Each module with a `main` runs as `python -m scripts.<name>`; the Makefile is the list
of them.
"""
