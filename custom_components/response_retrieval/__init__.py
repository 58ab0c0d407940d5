"""Answers by meaning: which answer of a retrieval intent a message asks for.

To use it in a Rasa project: copy this folder and `sentence_encoder.py` to `custom_components/`
and write `- name: custom_components.response_retrieval.SemanticResponseSelector` into the
pipeline of `config.yml`, after the intent classifier.
"""

from custom_components.response_retrieval.component import SemanticResponseSelector

__all__ = ["SemanticResponseSelector"]
