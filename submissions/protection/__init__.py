"""What keeps floods and spam away from the queue."""
