"""Who people are; the lowest layer, which imports no other application."""
