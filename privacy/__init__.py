"""What is kept of people: where it is, how it is erased, how long it stays, and what is masked."""
