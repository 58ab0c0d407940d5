"""Rasa's training data and domain, each thing with the file and line where it stands."""
