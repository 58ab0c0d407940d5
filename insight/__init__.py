"""What conversations and training data say of an assistant: two reports."""
