"""What pages of lists show of their repositories."""
