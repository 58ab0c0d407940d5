"""One fine-tuned BERT that reads intent, sentiment and entities in a single pass.

To use it in a Rasa project: copy this folder to `custom_components/joint_bert` and write
`- name: custom_components.joint_bert.JointBertClassifier` into the pipeline of `config.yml`.
"""

from custom_components.joint_bert.component import JointBertClassifier

__all__ = ["JointBertClassifier"]
