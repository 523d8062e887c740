"""The site for gunicorn, without the file names that `collectstatic` makes."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)

application = get_wsgi_application()
