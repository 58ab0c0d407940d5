"""What several servers of one assistant need: locks and stores they share, and a good end."""
