"""The entry point for a server that imports it once and forks its workers.

All that a request may need is imported here, so that workers share it, and nothing that cannot be
shared is opened: connections, and the threads of telemetry, which gunicorn.conf.py starts.
"""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from config.telemetry import instrument

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: traces are made by middleware that it adds.
instrument()
application = get_wsgi_application()

from catalog.published import release  # noqa: E402  # Models need what that has set up.

# The pages with their addresses and the translations, for each language; the templates that readers
# meet; and the digest of the release, which every validator has.
for language, _name in settings.LANGUAGES:
    with translation.override(language):
        translation.gettext("")
        reverse("catalog:catalog-list")
for template in (settings.RESOURCES / "templates" / "catalog").glob("*.html"):
    get_template(f"catalog/{template.name}")
release()
gc.collect()
# The collector writes to what it looks at, and what is written to is no longer shared.
gc.freeze()
