"""From the markdown of blocks and cells to HTML that can be shown as it stands."""
