"""The assistant's training data as the language model of a speech recogniser.

To use it in a Rasa project: copy this folder to `custom_components/` and `voice` beside it, and
write `- name: custom_components.speech_language.SpeechLanguage` at the end of the pipeline in
`config.yml`. After `rasa train`, `voice.model.extract_language` takes the language model out of the
trained model, and `voice.sphinx.SphinxRecognizer` hears with it.
"""

from custom_components.speech_language.component import SpeechLanguage

__all__ = ["SpeechLanguage"]
