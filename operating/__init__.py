"""Operation of a whole site: its backup."""
