"""What is published: lists, taken in from a README and given back unchanged."""
