"""The forms that contributors fill in; each gives a `Proposal`, and nothing else is taken in."""
