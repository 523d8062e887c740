"""Protection of the queue against floods and spam."""
