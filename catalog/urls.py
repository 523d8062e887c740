"""Public addresses of the catalogs. What is fixed comes before what a list names itself."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from catalog import feeds, views
from catalog.pages import lists, search, sections, tags
from catalog.pages.browse import browse
from catalog.pages.entry_page import entry_detail, entry_place
from catalog.sitemaps import sitemap, sitemap_index


class SlugTailConverter(StringConverter):
    """The slug behind an entry's id in its address; it may be wrong or missing, the id counts."""

    regex = "[^/]*"


register_converter(SlugTailConverter, "tail")

app_name = "catalog"
urlpatterns = [
    path("", lists.catalog_list, name="catalog-list"),
    path("search/", search.search_page, name="search"),
    path("search/feed.atom", feeds.search_feed, name="search-feed"),
    path("search/suggest", search.suggestions, name="suggestions"),
    path("opensearch.xml", search.opensearch, name="opensearch"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon),
    path("sitemap.xml", sitemap_index, name="sitemap-index"),
    path("sitemap-<slug:name>.xml", sitemap, name="sitemap"),
    path("<slug:slug>/", lists.catalog_detail, name="catalog-detail"),
    path("<slug:slug>/search/", search.search_page, name="catalog-search"),
    path("<slug:slug>/search/suggest", search.suggestions, name="catalog-suggestions"),
    path("<slug:slug>/README.md", views.readme, name="readme"),
    path("<slug:slug>/feed.atom", feeds.catalog_feed, name="feed"),
    path("<slug:slug>/browse/feed.atom", feeds.browse_feed, name="browse-feed"),
    path("<slug:slug>/changes/feed.atom", feeds.change_feed, name="change-feed"),
    path("<slug:slug>/tags/<str:facet>/<str:value>/feed.atom", feeds.tag_feed, name="tag-feed"),
    path("<slug:slug>/<path:path>/feed.atom", feeds.section_feed, name="section-feed"),
    path("<slug:slug>/browse/", browse, name="browse"),
    path("<slug:slug>/browse/export.<slug:ending>", views.browse_export, name="browse-export"),
    path("<slug:slug>/changes/", views.change_list, name="change-list"),
    path("<slug:slug>/changes/<int:number>/", views.change_detail, name="change-detail"),
    path("<slug:slug>/tags/", tags.tag_list, name="tag-list"),
    path("<slug:slug>/tags/<str:facet>/", tags.facet_detail, name="facet-detail"),
    path("<slug:slug>/tags/<str:facet>/<str:value>/", tags.tag_detail, name="tag-detail"),
    path("<slug:slug>/entries/<int:pk>/", entry_detail, name="entry-by-id"),
    path("<slug:slug>/entries/<int:pk>/place/", entry_place, name="entry-place"),
    path("<slug:slug>/entries/<int:pk>-<tail:name>/", entry_detail, name="entry-detail"),
    path("<slug:slug>/<path:path>/", sections.section_detail, name="section-detail"),
]
