"""What every part of the API under /api/v1/ shares: bodies, formats, parameters, filters, pages."""
