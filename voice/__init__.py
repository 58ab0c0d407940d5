"""Speech: hearing and, later, speaking. Knows nothing of Rasa, and imports neither it nor torch."""
