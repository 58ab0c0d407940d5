"""Answers from a person's own documents: read, split, found by meaning and by words.

    reading ──> passages ──> index ──> answering
                             │                └─ questions   what is asked, without trimmings
                             ├─ embedding   vectors, kept in files by the documents' digests
                             ├─ words       what of a question's words a passage has
                             └─ scoring     how likely a passage answers a question

Knows nothing of Rasa. What stands in a document is text to be quoted, and nothing else: none of it
is run, followed or understood as an order.
"""
