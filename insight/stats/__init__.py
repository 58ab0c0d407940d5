"""What conversations say of an assistant: `make stats`."""
