"""The addresses below /api/v1/."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from config.api.describing import Description, Docs
from config.api.views import Root, UnknownAddress

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", Root.as_view(), name="root"),
    path("v1/schema/", Description.as_view(), name="schema"),
    path("v1/docs/", Docs.as_view(), name="docs"),
    path("v1/", include("catalog.api.urls")),
    path("v1/", include("submissions.api.urls")),
    # Anything at all, line breaks included, which `<path:…>` leaves out.
    re_path(r"^[\s\S]*$", UnknownAddress.as_view()),
]
