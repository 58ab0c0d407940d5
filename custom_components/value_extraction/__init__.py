"""Typed values out of English text: times, durations, recurrences, numbers and measures.

To use it in a Rasa project: copy this folder to `custom_components/value_extraction` and write
`- name: custom_components.value_extraction.ValueExtractor` into the pipeline of `config.yml`.
"""

from custom_components.value_extraction.component import ValueExtractor

__all__ = ["ValueExtractor"]
