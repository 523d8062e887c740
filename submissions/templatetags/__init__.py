"""What the contributors' templates need."""
