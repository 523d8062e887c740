"""The entry point for a server that imports it once and forks its workers.

All that a request may need is imported here, so that workers share it, and nothing that cannot be
shared is opened: connections, and the threads of telemetry, which gunicorn.conf.py starts.
"""

import gc
import os

from django.conf import settings
from django.core.cache import caches
from django.core.wsgi import get_wsgi_application
from django.template.engine import Engine
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.formats import get_format

from config.telemetry import instrument

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: traces are made by middleware that it adds.
instrument()
application = get_wsgi_application()

# Models need what that has set up.
from catalog.published import release  # noqa: E402
from catalog.tagging.values import is_answer  # noqa: E402

# The addresses of all pages, the translations and formats, for each language; the templates that
# readers meet, with what they are given; caches; the spellings of values; and the digest of the
# release, which every validator has.
for language, _name in settings.LANGUAGES:
    with translation.override(language):
        translation.gettext("")
        get_format("DATE_FORMAT")
        for name in ("catalog:catalog-list", "api:entry-list", "contribute:mine"):
            reverse(name)
templates = settings.RESOURCES / "templates"
for folder in ("", "catalog", "account"):
    for template in (templates / folder).glob("*.html"):
        get_template(str(template.relative_to(templates)))
Engine.get_default().template_context_processors  # noqa: B018  # Imported when looked at.
for alias in settings.CACHES:
    caches[alias]
is_answer("")
release()
gc.collect()
# The collector writes to what it looks at, and what is written to is no longer shared.
gc.freeze()
