"""Applications of other packages, configured for this site."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    """Puts our administration in the place of Django's own."""

    default_site = "config.administration.Site"
