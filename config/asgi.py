"""The entry point for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from config.telemetry import start_telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: traces are made by middleware that it adds.
start_telemetry()
application = get_asgi_application()
