"""The addresses of a site where signing in with GitHub is configured."""

from django.urls import include, path

from accounts.views import github_login
from config.urls import urlpatterns as usual

urlpatterns = [
    path("accounts/github/login/", github_login),
    path("accounts/", include("allauth.socialaccount.providers.github.urls")),
    *usual,
]
