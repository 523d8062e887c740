"""Addresses of what is published, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from catalog.api.entries.detail import EntryDetail, EntryHistory
from catalog.api.entries.views import EntryList

urlpatterns: list[URLPattern | URLResolver] = [
    path("entries/", EntryList.as_view(), name="entry-list"),
    path("entries/<int:pk>/", EntryDetail.as_view(), name="entry-detail"),
    path("entries/<int:pk>/history/", EntryHistory.as_view(), name="entry-history"),
]
