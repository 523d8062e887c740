"""Parts shared by the whole API under /api/v1/: bodies, formats, parameters, filters, pages."""
