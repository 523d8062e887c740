"""Addresses of what is published, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path

from catalog.api.catalogs import CatalogDetail, CatalogList, SectionList, TagList
from catalog.api.entries import EntryDetail, EntryHistory, EntryList
from catalog.api.export import ChangeList, Export

urlpatterns: list[URLPattern | URLResolver] = [
    path("catalogs/", CatalogList.as_view(), name="catalog-list"),
    path("catalogs/<slug:slug>/", CatalogDetail.as_view(), name="catalog-detail"),
    path("catalogs/<slug:slug>/changes/", ChangeList.as_view(), name="change-list"),
    path("catalogs/<slug:slug>/export/", Export.as_view(), name="export"),
    path("catalogs/<slug:slug>/sections/", SectionList.as_view(), name="section-list"),
    path("catalogs/<slug:slug>/tags/", TagList.as_view(), name="tag-list"),
    path("entries/", EntryList.as_view(), name="entry-list"),
    path("entries/<int:id>/", EntryDetail.as_view(), name="entry-detail"),
    path("entries/<int:id>/history/", EntryHistory.as_view(), name="entry-history"),
]
