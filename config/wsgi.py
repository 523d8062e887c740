"""The entry point for WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

from config.telemetry import start_telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
start_telemetry()
