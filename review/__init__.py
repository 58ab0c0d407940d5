"""What people really said, looked through by a person, and made into training data."""
