"""From a proposal to the lines of the list, and back: drafts, merges, publishing, reverts."""
