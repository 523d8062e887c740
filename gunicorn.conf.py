"""What gunicorn is told besides its arguments; it reads this file by itself."""

# The longest line of a request that it can be told to take: many filters make a long address.
limit_request_line = 8190

# No header becomes a variable of the server's own. By default gunicorn takes SCRIPT_NAME, which
# every address on a page begins with, from whoever reaches it through the proxy.
forwarder_headers = ""
