"""Every address of the site, by the application that answers it."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from accounts.views import github_login
from config.views import Description, Docs, Root, UnknownAddress, missing_file, security_txt
from remotes.tasks import receive
from submissions.admin.base import no_shortcut

api: list[URLPattern | URLResolver] = [
    path("v1/", Root.as_view(), name="root"),
    path("v1/schema/", Description.as_view(), name="schema"),
    path("v1/docs/", Docs.as_view(), name="docs"),
    path("v1/", include("catalog.api.urls")),
    path("v1/", include("submissions.api.urls")),
    # Anything at all, line breaks included, which `<path:…>` leaves out.
    re_path(r"^[\s\S]*$", UnknownAddress.as_view()),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path(".well-known/security.txt", security_txt),
    # Sets a cookie and nothing else. The token against forged forms would be another cookie, and
    # make each page of the public site one of its own.
    path("i18n/setlang/", csrf_exempt(set_language), name="set_language"),
    # Before allauth's own at the same address.
    path("accounts/github/login/", github_login),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    # Before the administration's own, which would tell staff the addresses of submissions.
    path("admin/r/<path:rest>", no_shortcut),
    path("admin/", admin.site.urls),
    # Not of the API: what hosts of repositories send, in their ways.
    path("api/webhooks/git/<int:key>/", receive, name="git_webhook"),
    path("api/", include((api, "api"))),
    path("contribute/", include("submissions.urls")),
    path("static/<path:name>", missing_file),
    # The catalog answers /<catalog>/…, so whatever has an address of its own goes before it.
    path("", include("catalog.urls")),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
