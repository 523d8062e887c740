"""Markdown to HTML that is safe in a page, and where a README's relative links lead from there.

GitHub Flavored Markdown with its tag filter, then an allow list: no classes, ids, styles, scripts
or pictures, links only to where a click may lead. A piece is rendered by itself and comes out
balanced, so that nothing in it can reach what follows on the page.

Most pieces of a list are words, or words and a link. For those the sanitiser is the dear part
(ten times the parser), and it has nothing to do where no raw HTML came in: the parser has escaped
all text, and addresses are checked anyway. Whatever is out of the ordinary goes the
long way. Tests hold the short ways to what the long one gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape, unescape
from urllib.parse import unquote, urljoin

import nh3
from pyromark import Markdown, Options
from pyromark.event import BrokenLink

from catalog.markdown.grouping import item_start
from catalog.markdown.inline import readable, with_characters
from catalog.markdown.links import find_bare_urls, host_of
from catalog.markdown.nodes import BlockKind
from catalog.markdown.parser import fold_label, split_lines

type Resolve = Callable[[str, bool], str]
"""From an address that is not absolute, and whether it is a picture's, to the one to link to.

The answer is absolute, or a path on this site (``/list/tools/``), or '' for no link.
"""

REL = "nofollow noopener ugc"
"""The relation of outgoing links: they are the contributors' choice, not the site's."""

_SCHEMES = frozenset({"ftp", "http", "https", "irc", "ircs", "mailto", "xmpp"})
_INLINE_TAGS = frozenset(
    {
        "a", "abbr", "b", "bdi", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins",
        "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "strike", "strong", "sub",
        "sup", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
_BLOCK_TAGS = _INLINE_TAGS | {
    "blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
    "p", "pre", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_BLOCK_ATTRIBUTES = {
    **_ATTRIBUTES, "ol": {"start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}
}  # fmt: skip


def _cleaner(tags: Iterable[str], attributes: Mapping[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        attributes=attributes,
        url_schemes=set(_SCHEMES),
        url_relative="pass_through",
        link_rel=None,
    )


_INLINE_CLEANER = _cleaner(_INLINE_TAGS, _ATTRIBUTES)
_BLOCK_CLEANER = _cleaner(_BLOCK_TAGS, _BLOCK_ATTRIBUTES)

_BLANK = " \t\r\n"
# GFM 0.29, section 6.11.
_FILTERED_TAG = re.compile(
    r"<(?=/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)(?:[\s/>]|\Z))",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(
    r"<(?=/?(?:blockquote|center|dd|details|div|dl|dt|h[1-6]|hr|li|ol|p|pre|summary|table|tr|ul)\b)",
    re.IGNORECASE,
)
_CELL_TAG = re.compile(r"<(?=/?t[dh]\b)", re.IGNORECASE)

_MAX_DEPTH = 256
"""Elements around one another. The time to build a tree grows with the square of them."""
# The parser of HTML closes the others by itself, so that they cannot pile up.
_NESTING_TAG = re.compile(
    r"<(/?)(?!(?:area|br|col|dd|dt|hr|img|input|li|option|p|source|t[dhr]|wbr)\b)[a-z]",
    re.IGNORECASE,
)

# What is rewritten in sanitised HTML, where each `<` begins a tag and each value has quotes.
_REWRITTEN = re.compile(r'<(?:(a|img)((?: [a-z]+="[^"]*")*) ?/?|/a|/?(?:h[1-6]|summary)|br ?/)>')
_ATTRIBUTE = re.compile(r' (href|src|alt)="([^"]*)"')
_ADDRESS = re.compile(r' (?:href|src)="([^"]*)"')
_TAG = re.compile(r"(<[^>]*>)")
_VERBATIM_TAG = re.compile(r"<(/?)(?:code|pre|kbd|samp|tt)>")
_SHORT_CODE = re.compile(r":[a-z0-9_+-]+:")
_EMPTY = re.compile(r"<(p|div|li|ul|ol|strong|em|b|i|h[1-6]|blockquote|tr|tbody|table)>\s*</\1>")

# An address that every parser of URLs reads alike, and one without scheme.
_ORDINARY = re.compile(
    r"https?://(?!(?:[^/?#]*\.)?xn--)(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::\d{1,4})?(?:[/?#]|\Z)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"[^:/?#\s]*(?:[/?#]|\Z)")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_ENDS = "".join(map(chr, range(0x21)))
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f]")


def is_too_deep(html: str) -> bool:
    """Whether elements nest so deeply that the sanitiser would take forever: nobody's prose."""
    if html.count("<") <= _MAX_DEPTH:
        return False
    depth = 0
    for closing in _NESTING_TAG.findall(html):
        depth = max(depth - 1, 0) if closing else depth + 1
        if depth > _MAX_DEPTH:
            return True
    return False


def sanitise_inline(html: str, resolve: Resolve) -> str:
    """HTML of inline markdown, with block elements as lines of their own."""
    html = _FILTERED_TAG.sub("&lt;", html)
    html = _CELL_TAG.sub(" <", _BLOCK_TAG.sub("<br><", html))
    return _without_empty_lines(_finished(_INLINE_CLEANER.clean(html), resolve))


def finish_inline(html: str, resolve: Resolve) -> str:
    """`sanitise_inline` for HTML that the parser made of markdown without raw HTML in it.

    Line breaks and autolinks aside. Nothing can be wrong with it but its addresses, and where
    they are ordinary the sanitiser is left out: it takes more time than all the rest.
    """
    if not all(map(_is_ordinary, _ADDRESS.findall(html))):
        return sanitise_inline(html, resolve)
    return _without_empty_lines(_finished(html, resolve))


def sanitise_block(html: str, resolve: Resolve) -> str:
    """HTML of whole blocks; headings in it are not the page's and become bold lines."""
    html = _finished(_BLOCK_CLEANER.clean(_FILTERED_TAG.sub("&lt;", html)), resolve).strip(_BLANK)
    # What stood around pictures, from the inside out.
    for _ in range(3):
        html = _EMPTY.sub("", html)
    return html


def _without_empty_lines(html: str) -> str:
    if "<br>" in html:
        lines = [line.strip(_BLANK) for line in html.split("<br>")]
        return "<br>".join([line for line in lines if line])
    return html.strip(_BLANK)


def _finished(html: str, resolve: Resolve) -> str:
    """Point links where they should lead, put words for pictures, link bare addresses."""
    if "&nbsp;" in html:
        html = html.replace("&nbsp;", "\u00a0")
    if _SHORT_CODE.search(html):
        html = _with_characters(html)
    out: list[str] = []
    position = 0
    address: str | None = None  # of the link being read; '' when it leads nowhere
    first = 0  # piece of its text in `out`
    for tag in _REWRITTEN.finditer(html):
        if tag.start() > position:
            text = html[position : tag.start()]
            out.append(text if address is not None else _with_bare_links(text))
        position = tag.end()
        if tag[1] == "a":
            # Without an address the sanitiser took it away: then it is words, and leads nowhere.
            has_address = ' href="' in tag[2]
            address = _target(_attribute(tag[2], "href"), resolve) if has_address else ""
            first = len(out)
        elif tag[1] == "img":
            out.append(_image(tag[2], resolve, in_link=address is not None))
        elif tag[0] == "</a>":
            if address:
                out[first:] = [_link(address, "".join(out[first:]))]
            address = None
        elif tag[0][:3] == "<br":
            out.append("<br>")
        else:
            out.append("</strong></div>" if tag[0][1] == "/" else "<div><strong>")
    rest = html[position:]
    out.append(rest if address is not None else _with_bare_links(rest))
    return "".join(out)


def _with_characters(html: str) -> str:
    """Put characters for the short codes in running text, code excepted."""
    parts = _TAG.split(html)
    verbatim = 0
    for number, part in enumerate(parts):
        if tag := _VERBATIM_TAG.match(part):
            verbatim += -1 if tag[1] else 1
        elif not verbatim and part[:1] != "<":
            parts[number] = with_characters(part)
    return "".join(parts)


def _image(attributes: str, resolve: Resolve, *, in_link: bool) -> str:
    """The words for a picture, with a link to it where they stand alone."""
    words = escape(_attribute(attributes, "alt"), quote=False)
    if in_link or not words:
        return words
    address = _target(_attribute(attributes, "src"), resolve, is_image=True)
    return _link(address, words) if address else words


def _attribute(attributes: str, name: str) -> str:
    for key, value in _ATTRIBUTE.findall(attributes):
        if key == name:
            return unescape(value)
    return ""


def _is_ordinary(attribute: str) -> bool:
    url = unescape(attribute)
    return bool(_ORDINARY.match(url) or _RELATIVE.match(url)) and not _CONTROL.search(url)


def _target(url: str, resolve: Resolve, *, is_image: bool = False) -> str:
    """Return a link's target: an address with a known scheme or a path on this site, else ''."""
    # Browsers drop these before they read an address (WHATWG URL, section 4.4).
    url = url.strip(_ENDS).replace("\t", "").replace("\n", "").replace("\r", "")
    if url[:2] == "//":
        url = "https:" + url
    scheme = _SCHEME.match(url)
    if not scheme:
        url = resolve(url, is_image).strip(_ENDS)
        if url[:1] == "/" and url[1:2] not in {"/", "\\"}:
            return url
        scheme = _SCHEME.match(url)
    return url if scheme and scheme[1].lower() in _SCHEMES else ""


def _link(address: str, text: str) -> str:
    if not _TAG.sub("", text).strip():
        # A link that nobody could read or hear.
        text = escape(host_of(address) or address, quote=False)
    rel = "" if address[0] == "/" else f' rel="{REL}"'
    return f'<a href="{escape(address)}"{rel}>{text}</a>'


def _with_bare_links(html: str) -> str:
    """Link the addresses in running text, code excepted."""
    if "://" not in html and "www." not in html:
        return html
    out: list[str] = []
    verbatim = 0  # elements around in which nothing is a link
    for part in _TAG.split(html):
        if part[:1] == "<":
            tag = _VERBATIM_TAG.match(part)
            if tag:
                verbatim += -1 if tag[1] else 1
            out.append(part)
        elif verbatim > 0 or ("://" not in part and "www." not in part):
            out.append(part)
        else:
            text = unescape(part)
            position = 0
            for start, end, url in find_bare_urls(text):
                out.append(escape(text[position:start], quote=False))
                out.append(_link(url, escape(text[start:end], quote=False)))
                position = end
            out.append(escape(text[position:], quote=False))
    return "".join(out)


_INLINE_OPTIONS = Options.ENABLE_STRIKETHROUGH
_BLOCK_OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_GFM
)

# A line that the parser would give back as it is, but for `>` and the blanks around it.
_MARKUP = re.compile("[\\\\`*_\\[<&~#\r\n\x0b\x0c\x00\ud800-\udfff]")
_FOLD = re.compile(r"(\\|(?<![ \t])[ \t]*)(?:\r\n|\n|\r)((?:[ \t>]*(?:\r\n|\n|\r))*)[ \t>]*")
# Raw HTML that cannot come out as anything but itself, or a link.
_HARMLESS = re.compile(r"<(?:br ?/?|https?://[^\s<>]*)>")
# What an ATX heading takes for its end (CommonMark 0.31.2, section 4.2).
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))(#+)\Z")
_HEADING_LIMIT = "</h1>\n<h1>"
_HEADING = re.compile(r"<h[1-6][^>]*>(.*)</h[1-6]>\n\Z", re.DOTALL)


def no_relative_links(_url: str, _is_image: bool) -> str:
    """A `Resolve` that knows no place for addresses that are not absolute."""
    return ""


def render_inline(
    markdown: str,
    resolve: Resolve = no_relative_links,
    definitions: Mapping[str, str] | None = None,
) -> str:
    """Inline markdown as HTML without block elements. Never raises.

    Line ends are read as in a paragraph; lists, headings and tables in raw HTML become lines.
    `definitions` are destinations of reference links by folded label.
    """
    return render_many([markdown], resolve, definitions)[0]


def render_many(
    snippets: Sequence[str],
    resolve: Resolve = no_relative_links,
    definitions: Mapping[str, str] | None = None,
) -> list[str]:
    """`render_inline` for many pieces at once, many times as fast; equal ones cost nothing."""
    parser = _parser(_INLINE_OPTIONS, definitions)
    rendered: dict[str, str] = {}
    lines: dict[str, str] = {}
    for snippet in dict.fromkeys(snippets):
        if not (_MARKUP.search(snippet) or "://" in snippet or "www." in snippet):
            rendered[snippet] = escape(with_characters(snippet.strip(" \t")), quote=False)
            continue
        line = _one_line(snippet)
        if "<" in line and "<" in _HARMLESS.sub("", line):
            html = _html(parser, [line])[0]
            rendered[snippet] = (
                escape(line, quote=False) if is_too_deep(html) else sanitise_inline(html, resolve)
            )
        else:
            lines[snippet] = line
    for snippet, html in zip(lines, _html(parser, list(lines.values())), strict=True):
        rendered[snippet] = finish_inline(html, resolve)
    return [rendered[snippet] for snippet in snippets]


def render_block(
    source: str,
    kind: str,
    resolve: Resolve = no_relative_links,
    definitions: Mapping[str, str] | None = None,
) -> str:
    """A block's source as HTML, by its kind (`BlockKind`). Never raises.

    Headings and single lines come without an element around them, and so does an item, of which
    only what stands behind its marker counts; rows are nothing without their table. What no
    reader sees is ''.
    """
    if kind == BlockKind.RULE:
        return "<hr>"
    if kind == BlockKind.LINE:
        return render_inline(source, resolve, definitions)
    if kind not in {
        BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.CODE, BlockKind.HTML, BlockKind.ITEM
    }:  # fmt: skip
        return ""
    source = _without_nul(source)
    source = _item_content(source) if kind == BlockKind.ITEM else _outdented(source)
    html = _parser(_BLOCK_OPTIONS, definitions).html(source)
    if is_too_deep(html):
        return f"<p>{escape(source, quote=False)}</p>"
    if kind == BlockKind.HEADING:
        heading = _HEADING.match(html)
        return sanitise_inline(heading[1] if heading else html, resolve)
    html = sanitise_block(html, resolve)
    if kind == BlockKind.ITEM and html.startswith("<p>") and html.find("</p>") == len(html) - 4:
        return html[3:-4]
    return html


def _parser(options: Options, definitions: Mapping[str, str] | None) -> Markdown:
    if not definitions:
        return _PARSERS[options]

    def find(link: BrokenLink) -> tuple[str, str] | None:
        target = definitions.get(fold_label(link["reference"]))
        return None if target is None else (target, "")

    return Markdown(options=options, broken_link_callback=find)


_PARSERS = {options: Markdown(options=options) for options in (_INLINE_OPTIONS, _BLOCK_OPTIONS)}


# Markdown


def _one_line(markdown: str) -> str:
    """The text as one line that a heading can hold, which is read as inline markdown only."""
    line = _without_nul(markdown).strip(" \t\r\n")
    if "\n" in line or "\r" in line:
        line = _FOLD.sub(_fold, line)
    if line.endswith("#"):
        line = _CLOSING_HASHES.sub(lambda hashes: "\\" + hashes[1], line)
    return line


def _without_nul(text: str) -> str:
    """The text with stand-ins for what the parser does not read."""
    return readable(text).replace("\0", "\ufffd")


def _fold(end: re.Match[str]) -> str:
    is_hard = end[2] or end[1] == "\\" or len(end[1]) > 1
    return "<br>" if is_hard else " "


def _html(parser: Markdown, lines: list[str]) -> list[str]:
    """The HTML of each line, unsanitised."""
    if not lines:
        return []
    html = parser.html("".join([f"# {line}\n" for line in lines]))[4:-6]
    return html.split(_HEADING_LIMIT) if len(lines) > 1 else [html]


def _outdented(source: str) -> str:
    """The lines without the indentation that the list items around them ask for."""
    indent = len(source) - len(source.lstrip(" \t"))
    if not indent:
        return source
    return re.sub(rf"^[ \t]{{1,{indent}}}", "", source, flags=re.MULTILINE)


def _item_content(source: str) -> str:
    """Return an item's content behind the marker, and the lines below without indentation."""
    start = item_start(source)
    head = source[:start]
    first, *rest = split_lines(source[start:]) or [""]
    indentation = re.compile(rf"[ \t{'>' if '>' in head else ''}]{{0,{start}}}")
    return first + "".join([indentation.sub("", line, count=1) for line in rest])


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
    """Resolves relative addresses, anchors and pictures of a list; see `Resolve`.

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
