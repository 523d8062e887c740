"""Addresses of the contributors' pages, below /contribute/."""

from django.urls import path, register_converter

from submissions.views import entries, preview, suggest, tracking


class TokenConverter:
    """The secret of a submission; longer than any word, so that a list may be called `s`."""

    regex = "[A-Za-z0-9_-]{20,64}"

    def to_python(self, value: str) -> str:
        """Return the value unchanged."""
        return value

    def to_url(self, value: str) -> str:
        """Return the value unchanged."""
        return value


register_converter(TokenConverter, "token")

app_name = "contribute"
urlpatterns = [
    path("mine/", tracking.mine, name="mine"),
    path("s/<token:token>/", tracking.submission_detail, name="submission-detail"),
    path("s/<token:token>/answer/", tracking.answer, name="submission-answer"),
    path(
        "s/<token:token>/confirm/<str:confirmation>/",
        tracking.confirm,
        name="submission-confirm",
    ),
    path("<slug:slug>/", suggest.about, name="about"),
    path("<slug:slug>/new/", suggest.suggest, name="add"),
    path("<slug:slug>/new/several/", suggest.paste, name="paste"),
    path("<slug:slug>/preview/", preview.preview, name="preview"),
    *(
        path(f"<slug:slug>/entries/<int:pk>/{name}/", entries.propose, {"name": name}, name=name)
        for name in entries.ACTIONS
    ),
]
