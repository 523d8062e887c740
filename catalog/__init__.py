"""Published lists: read from a README, and given back unchanged."""
