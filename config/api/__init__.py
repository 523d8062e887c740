"""Parts that the whole API shares, whichever application answers: addresses, errors, schema."""
