"""Targets of a README's relative links once it is shown on another site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urljoin

# How a code host addresses a file's page and its bytes, behind the repository.
_HOSTS = {
    "bitbucket.org": ("src", "raw"),
    "codeberg.org": ("src/branch", "raw/branch"),
    "gitee.com": ("blob", "raw"),
    "github.com": ("blob", "raw"),
    "gitlab.com": ("-/blob", "-/raw"),
}
_RAW_GITHUB = re.compile(
    r"https?://raw\.githubusercontent\.com/([^/?#]+/[^/?#]+)/(?:refs/heads/)?(.*)", re.DOTALL
)
_SOURCE = re.compile(r"https?://(?:www\.)?([^/?#]+)/?([^?#]*)", re.IGNORECASE)
_PLACE = re.compile(r"(?:/-)?/(blob|tree|raw|src/branch|src)/([^/]+)(?:/(.*))?\Z", re.DOTALL)
_NEWEST = "HEAD"
"""The default branch, by the name that every repository has for it."""


class SourceLinks:
    """Resolves relative addresses, anchors and pictures of a list; see `rendering.Resolve`.

    `source_url` is where the README lives: a repository, a folder or file in it, its raw text,
    or any page; '' if it is not known. `sections` are addresses on this site by anchor, with
    '' for the list itself. Never raises.
    """

    def __init__(self, source_url: str, sections: Mapping[str, str]) -> None:
        self.source_url = source_url
        self.sections = sections
        # What relative addresses start from: pages, pictures, and the folder below both.
        self._pages = self._files = self._folder = ""
        self._in_repository = False
        self._name = "readme.md"
        raw = _RAW_GITHUB.match(source_url)
        if raw:
            source_url = f"https://github.com/{raw[1]}/blob/{raw[2]}"
        source = _SOURCE.match(source_url)
        if source and source[1].lower() in _HOSTS:
            self._read_repository(source[1].lower(), source[2])
        elif source:
            self._pages = self._files = source_url
            self._name = source[2].rpartition("/")[2].lower()

    def _read_repository(self, host: str, path: str) -> None:
        self._in_repository = True
        page, file = _HOSTS[host]
        place = _PLACE.search(path)
        if place:
            repository, branch, folder = path[: place.start()], place[2], place[3] or ""
            if place[1] != "tree":
                folder, _, name = folder.rpartition("/")
                self._name = name.lower()
        else:
            repository, branch, folder = path, _NEWEST, ""
            # Forgejo takes the name for that of a branch where it is told that it is one.
            page, file = page.removesuffix("/branch"), file.removesuffix("/branch")
        start = f"https://{host}/{repository.strip('/').removesuffix('.git')}"
        self._pages = f"{start}/{page}/{branch}/"
        self._files = f"{start}/{file}/{branch}/"
        self._folder = folder.strip("/") + "/" if folder.strip("/") else ""

    def __call__(self, url: str, is_image: bool) -> str:
        """The address to link to, '' if there is none."""
        path, _, fragment = url.partition("#")
        if not is_image and path.removeprefix("./").lower() in {"", self._name}:
            section = self._section(fragment)
            if section:
                return section
        if not self._pages:
            return ""
        if not path:
            return f"{self.source_url}#{fragment}" if fragment else self.source_url
        base = self._files if is_image else self._pages
        if path[0] != "/":
            base += self._folder
        elif self._in_repository:
            # Code hosts take the root of the repository for the root.
            url = url.lstrip("/")
        try:
            return urljoin(base, url)
        except ValueError:
            return ""

    def _section(self, fragment: str) -> str:
        """The address of the section with this anchor.

        Case does not count, as on GitHub, nor does what a picture beside the heading leaves.
        """
        anchor = unquote(fragment)
        sections = self.sections
        if anchor in sections:
            return sections[anchor]
        anchor = anchor.lower()
        return sections.get(anchor) or sections.get(anchor.strip("-") or anchor, "")
