"""The channels that Parley is reached through; `docs/channels.md` says how they work."""
