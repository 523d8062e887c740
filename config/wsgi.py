"""The entry point for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

from config.telemetry import start_telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: traces are made by middleware that it adds.
start_telemetry()
application = get_wsgi_application()
