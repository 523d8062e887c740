"""The entry point for a server that imports it once and forks its workers.

All that a request may need is imported here, so that workers share it, and nothing that cannot be
shared is opened: connections, and the threads of telemetry, which gunicorn.conf.py starts.
"""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template import engines
from django.urls import get_resolver
from django.utils import translation

from config.telemetry import instrument

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: traces are made by middleware that it adds.
instrument()
application = get_wsgi_application()

# The pages, the engines of templates and the translations.
_patterns = get_resolver().url_patterns
_engines = engines.all()
for language, _name in settings.LANGUAGES:
    with translation.override(language):
        translation.gettext("")
gc.collect()
# The collector writes to what it looks at, and what is written to is no longer shared.
gc.freeze()
