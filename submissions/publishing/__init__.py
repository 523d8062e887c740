"""From a proposal to the lines of the list, and back: previews, merges, plans, reverts."""
