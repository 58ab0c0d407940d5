"""Generated wording, which is optional: responses of domain.yml in other words.

`generator` runs inside Rasa and decides what is said; `server` is a process of its own with
the language model. Without the server, or where its words cannot be trusted, the response is
said as it is written.
"""
