"""Parley's own parts of Rasa's pipeline, used in `config.yml` and `domain.yml` by module path."""
