"""What is missing, doubtful or of no use in training data: `make data-report`."""
