"""The addresses of a site where signing in with GitHub is configured."""

from django.urls import include, path

from config.urls import urlpatterns as usual

urlpatterns = [
    path("accounts/", include("allauth.socialaccount.providers.github.urls")),
    *usual,
]
