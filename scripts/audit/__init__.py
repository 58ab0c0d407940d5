"""Behavioural tests of what a trained model understands: `make audit` (docs/audit.md).

After CheckList (Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with
CheckList"): not how often a model is right on sentences like its training data, but whether what
ought not to matter does not, and whether groups of people are understood alike.
"""
