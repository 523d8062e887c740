"""Letters to people: what one looks like, how it leaves, and who wants none."""
