"""What Parley keeps for its users: tables, the database they are in, and the ways to them."""
