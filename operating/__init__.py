"""What whoever runs a site needs of the whole of it: its backup."""
