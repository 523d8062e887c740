"""The entry point for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

from config.telemetry import start_telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
start_telemetry()
