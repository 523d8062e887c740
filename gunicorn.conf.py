"""What gunicorn is told besides its arguments; it reads this file by itself."""

# The longest line of a request that it can be told to take: many filters make a long address.
limit_request_line = 8190
