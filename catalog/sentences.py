"""What the codec refuses, findings, and facets with their languages in the reader's language.

The codec and the checks report a code with values; this table is the only place that has the
words. A finding's key is its code, with its variant behind a dot where it has several sentences.

A list names its facets in its own words ("Lang", "许可证"). Where such a name is only another word
for a known meaning, each reader gets the word of their language; a name that somebody chose stays.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

from catalog.column_roles import MEANINGS, ColumnRole
from catalog.markdown.linting import Finding, Severity
from catalog.markdown.words import NAMES
from catalog.markdown.writing.layout import CodecError

type Sentences = dict[str, str | Promise]

REFUSALS: Sentences = {
    "children": _(
        "Other items are nested under this one and would change their meaning without it."
    ),
    "children-into-table": _("An item with nested items cannot become a row."),
    "contradiction": _("%(field)s was also changed through another field."),
    "control-character": _("%(field)s contains a control character."),
    "defined-elsewhere": _(
        "The link is set in the reference definition [%(label)s]; change it there."
    ),
    "emphasis-across": _(
        "%(field)s ends inside emphasis that begins before it; edit the raw source instead."
    ),
    "empty": _("The name is missing."),
    "generic-name": _("“%(name)s” is a kind of page, not a name."),
    "folded": _("More of this is folded below it; edit the raw source instead."),
    "headed": _("Each heading with its links is one thing here; add a section instead."),
    "html-listing": _("This listing is HTML; edit the raw source instead."),
    "in-parts": _("%(field)s is scattered over the text here; edit the raw source instead."),
    "into-itself": _("An entry cannot move after itself."),
    "last-lines": _("A single line left would be a paragraph; edit it instead."),
    "line-break": _("%(field)s must fit on one line."),
    "line-break-in-cell": _(
        "%(field)s must fit on one line. Use <br /> to break a line in a cell."
    ),
    "line-ending": _("The last line must end with a line break."),
    "link-needed": _("An entry's link cannot be removed on its own; edit the raw source instead."),
    "no-cells": _("Only rows of a table have cells."),
    "no-column": _("The table has %(columns)d columns."),
    "no-description-column": _("The table has no column for a description."),
    "no-entry": _("There is no entry here; edit the raw source instead."),
    "no-link": _("There is no link to change here; edit the raw source instead."),
    "no-listing": _("This entry is not in a list or table."),
    "not-one-block": _("Written this way, it would not be %(kind)s of its own here."),
    "nothing-to-write": _("There is nothing to write."),
    "only-entry": _("It is the only entry of its list."),
    "other-columns": _("Choose which contents go into which column."),
    "other-marker": _(
        "The item must keep its marker %(marker)s; another marker would start a new list."
    ),
    "outside-lines": _("%(field)s is not in these lines; edit the raw source instead."),
    "surrogate": _("%(field)s contains half a character, which no file can store."),
    "swallows": _("What follows would no longer be %(kind)s."),
    "unwritable": _(
        "%(field)s cannot be written exactly like this here; change it, or edit "
        "the raw source instead."
    ),
}

FIELDS: Sentences = {
    "description": _("The description"),
    "name": _("The name"),
    "source": _("The text"),
    "title": _("The title"),
    "url": _("The URL"),
}

KINDS: Sentences = {
    "code": _("a block of code"),
    "definition": _("a reference definition"),
    "delimiter-row": _("a table's delimiter row"),
    "front-matter": _("the front matter"),
    "gap": _("a gap"),
    "heading": _("a heading"),
    "html": _("a block of HTML"),
    "item": _("an item of the list"),
    "line": _("a line"),
    "paragraph": _("a paragraph"),
    "rule": _("a rule"),
    "table-header": _("a table's header"),
    "table-row": _("a row of the table"),
}

IN_LIST: Sentences = {
    "anchor-without-hash": _(
        "The link “%(text)s” leads to a file named “%(url)s”; write “%(better)s” to lead to the "
        "heading."
    ),
    "broken-anchor": _(
        "The link “%(text)s” leads to “%(url)s”, which no heading has; “%(nearest)s” may be meant."
    ),
    "broken-anchor.unknown": _(
        "The link “%(text)s” leads to “%(url)s”, which no heading has; correct or remove it."
    ),
    "capital": _(
        "The description of “%(name)s” begins with a lower-case letter, unlike "
        "nearby entries; capitalise it."
    ),
    "duplicate-definition": _(
        "The reference “%(label)s” is already defined in line %(first)d, which "
        "takes effect; remove this one."
    ),
    "duplicate-name": _(
        "The name “%(name)s” is already used in line %(first)d of the same list; "
        "distinguish or merge the two."
    ),
    "duplicate-url": _(
        "“%(name)s” links to the same page as “%(other)s” in line %(first)d; keep "
        "both only if intended."
    ),
    "ellipsis": _("The description of “%(name)s” is incomplete; finish the sentence."),
    "empty-heading": _("A heading has no text, so nothing can link to it; give it a title."),
    "empty-link": _("The link “%(name)s” has no address; add one or remove the link."),
    "end-mark": _(
        "The description of “%(name)s” does not end with a full stop, unlike "
        "nearby entries; add one."
    ),
    "extra-cells": _(
        "The row of “%(name)s” has %(cells)d cells, the header %(columns)d; the "
        "extra cells are not shown. Merge cells or add a column."
    ),
    "heading-jump": _(
        "The heading “%(title)s” is level %(level)d under a level %(above)d "
        "heading; make it level %(better)d."
    ),
    "http": _("The link “%(name)s” uses http where other links to %(host)s use https; use https."),
    "link-without-text": _("The link to “%(url)s” has no text and is invisible; add some."),
    "missing-cells": _(
        "The row of “%(name)s” has %(cells)d cells, the header %(columns)d; add the missing cells."
    ),
    "name-in-description": _(
        "The description of “%(name)s” begins with the name, unlike nearby entries; leave it out."
    ),
    "no-description": _("“%(name)s” has no description, unlike nearby entries; add one."),
    "order": _("“%(name)s” is out of alphabetical order; it belongs after “%(other)s”."),
    "order.before": _("“%(name)s” is out of alphabetical order; it belongs before “%(other)s”."),
    "other-marker": _(
        "This list uses the marker “%(marker)s”, the others “%(usual)s”; use the same."
    ),
    "second-title": _("The heading “%(title)s” is a second title; make it level 2."),
    "space-before-link": _("A space is missing before the link “%(text)s”; add one."),
    "tracking": _("The link of “%(name)s” contains tracking parameters (%(names)s); remove them."),
    "unbalanced": _("A “%(mark)s” in “%(name)s” is unmatched; add the other half or remove it."),
    "undefined-reference": _(
        "“%(text)s” is shown as plain text because “%(label)s” is not defined; "
        "define it or write the link in parentheses."
    ),
    "unseen-character": _(
        "There is an invisible character here (U+%(code)s, %(name)s); remove it."
    ),
}

IN_PROPOSAL: Sentences = {
    "blocked": _("“%(value)s” is not accepted in this list."),
    "blocked.reason": _("“%(value)s” is not accepted in this list. %(reason)s"),
    "capital": _("Other descriptions here begin with a capital letter."),
    "ellipsis": _("The description is incomplete; finish the sentence."),
    "end-mark": _("Other descriptions here end with a full stop."),
    "end-mark.superfluous": _("Other descriptions here do not end with a full stop."),
    "facet-spelling": _("“%(value)s” is written “%(other)s” in this list."),
    "facet-value": _("“%(value)s” is new here and looks like “%(other)s”."),
    "glued-emphasis": _("This emphasis would show as asterisks; put spaces around it."),
    "http": _("%(host)s supports https; use that."),
    "line-break": _("“%(field)s” cannot contain a line break."),
    "link-archived": _("The repository is archived and no longer maintained."),
    "link-broken": _("The link does not work (no response)."),
    "link-broken.certificate": _("The link does not work (invalid certificate)."),
    "link-broken.host": _("The link does not work (unknown host)."),
    "link-broken.loop": _("The link does not work (too many redirects)."),
    "link-broken.port": _("The link does not work (an unusual port)."),
    "link-broken.private": _("The link does not work (a private or local address)."),
    "link-broken.scheme": _("The link does not work (not a web address)."),
    "link-broken.status": _("The link does not work (it answered %(status)d)."),
    "link-broken.timeout": _("The link does not work (no answer in time)."),
    "link-moved": _("The link redirects to another site, %(host)s."),
    "many-links": _("There are %(count)d links in this, which is unusually many."),
    "mixed-alphabets": _(
        "In “%(word)s” the letter “%(letter)s” (U+%(code)s) is of another alphabet than the "
        "others; type it again."
    ),
    "name-in-description": _("Other descriptions here do not repeat the name; leave it out."),
    "no-description": _("Other entries here have a description; please add one."),
    "order": _("The list is in alphabetical order; this belongs after “%(name)s”."),
    "order.front": _("The list is in alphabetical order; this belongs at the beginning."),
    "promotional": _("“%(word)s” sounds like praise; say what it does instead."),
    "required": _("The name is missing."),
    "required.column": _("“%(column)s” is missing; this list requires it."),
    "same-repository": _("“%(name)s” links to another page of the same repository."),
    "same-text": _("%(count)d others sent the same text within a week."),
    "same-work": _("“%(name)s” has a link to the same work."),
    "separator": _(
        "The description begins with a separator, which is added automatically; remove it."
    ),
    "similar-name": _("“%(name)s” has almost the same name; make sure it is something else."),
    "space-before-link": _("A space is missing before the link “%(text)s”."),
    "spelling": _("“%(wrong)s” is usually written “%(right)s”."),
    "too-fast": _("It was sent faster than anyone can type."),
    "too-fast.unopened": _("The form was sent without being opened first."),
    "too-long": _("“%(field)s” has %(length)d characters; the limit is %(limit)d."),
    "tracking": _("The link contains tracking parameters (%(names)s); remove them."),
    "trap": _("A hidden field was filled in."),
    "unbalanced": _("“%(mark)s” is unmatched; add the other half or remove it."),
    "unseen-character": _(
        "There is an invisible character here (U+%(code)s, %(name)s); remove it."
    ),
    "unseen-domain": _("%(host)s has never been listed here, and the submitter is new."),
    "url-credentials": _("The link contains a user name or password; remove it."),
    "url-elsewhere": _("“%(name)s” elsewhere in this list has the same link."),
    "url-elsewhere.link": _("“%(name)s” also contains this link."),
    "url-elsewhere.pending": _(
        "“%(name)s” with this link has been suggested for another place (number %(number)d)."
    ),
    "url-in-listing": _(
        "“%(name)s” is already listed here with this link. Edit it instead, or say why both belong."
    ),
    "url-invalid": _("The link must begin with https:// or http:// and contain no spaces."),
    "url-invalid.unreadable": _("This is not a valid link."),
    "url-pending": _("“%(name)s” with this link has already been suggested (number %(number)d)."),
    "url-private": _("“%(host)s” is in a private or local network that readers cannot reach."),
}
IN_PROPOSAL["unseen-in-text"] = IN_PROPOSAL["unseen-character"]


SEVERITIES: dict[Severity, str | Promise] = {
    Severity.BLOCK: _("must be changed"),
    Severity.WARN: _("should be looked at"),
    Severity.NOTE: _("good to know"),
}
"""The label of each severity, the worst first."""


def refusal_sentence(error: CodecError, header: str = "") -> str:
    """Return the sentence of a refusal by the codec; `header` names the column of a cell."""
    values: dict[str, object] = {**error.values, "field": _label(error.field, header)}
    if "kind" in values:
        values["kind"] = KINDS[str(values["kind"])]
    return str(REFUSALS[error.code]) % values


def _label(field: str, header: str) -> str | Promise:
    if header:
        return f"“{header}”"
    if field.startswith("cell "):
        return _("The cell %(number)s") % {"number": field.removeprefix("cell ")}
    return FIELDS[field]


def finding_sentence(finding: Finding) -> str:
    """A finding as one sentence. Those that were stored with their sentence keep it."""
    if "message" in finding.values:
        return str(finding.values["message"])
    key = f"{finding.code}.{finding.variant}" if finding.variant else finding.code
    return str((IN_LIST if finding.line else IN_PROPOSAL)[key]) % finding.values


FACET_NAMES: Mapping[str, Promise] = {
    "added-in": _("Added in"),
    "architecture": _("Architecture"),
    "auth": _("Authentication"),
    "author": _("Author"),
    "base-model": _("Base model"),
    "category": _("Category"),
    "company": _("Company"),
    "contributor": _("Contributor"),
    "cors": _("CORS"),
    "country": _("Country"),
    "creator": _("Creator"),
    "developer": _("Developer"),
    "domain": _("Field"),
    "driven-by": _("Based on"),
    "format": _("Format"),
    "framework": _("Framework"),
    "genre": _("Genre"),
    "host": _("Website"),
    "https": _("HTTPS"),
    "language": _("Language"),
    "level": _("Level"),
    "license": _("Licence"),
    "link-kind": _("Kind of link"),
    "location": _("Location"),
    "maintainer": _("Maintainer"),
    "marks": _("Marks"),
    "modality": _("Modality"),
    "organization": _("Organisation"),
    "os": _("Operating system"),
    "platform": _("Platform"),
    "price": _("Price"),
    "publisher": _("Publisher"),
    "rating": _("Rating"),
    "region": _("Region"),
    "status": _("Status"),
    "tags": _("Tags"),
    "task": _("Task"),
    "team": _("Team"),
    "text-language": _("Language of the text"),
    "topic": _("Topic"),
    "type": _("Type"),
    "used-in": _("Used in"),
    "venue": _("Venue"),
    "year": _("Year"),
}
"""The names by the facet's slug."""


def facet_name(slug: str, name: str) -> str:
    """The name of a facet for the reader; `name` is the list's own."""
    known = FACET_NAMES.get(slug)
    if known is None:
        return name
    word = name.casefold()
    is_another_word = (
        word == slug.replace("-", " ")
        or MEANINGS.get(word) == (ColumnRole.FACET, slug)
        or not any(map(str.isalnum, word))
    )
    return str(known) if is_another_word else name


LANGUAGE_NAMES: Mapping[str, str] = {
    "ar": noop("Arabic"), "be": noop("Belarusian"), "bg": noop("Bulgarian"), "bn": noop("Bangla"),
    "ca": noop("Catalan"), "cs": noop("Czech"), "da": noop("Danish"), "de": noop("German"),
    "el": noop("Greek"), "en": noop("English"), "es": noop("Spanish"), "fa": noop("Persian"),
    "fi": noop("Finnish"), "fr": noop("French"), "he": noop("Hebrew"), "hi": noop("Hindi"),
    "hu": noop("Hungarian"), "hy": noop("Armenian"), "id": noop("Indonesian"),
    "it": noop("Italian"), "ja": noop("Japanese"), "ka": noop("Georgian"), "kk": noop("Kazakh"),
    "km": noop("Khmer"), "ko": noop("Korean"), "my": noop("Burmese"), "nl": noop("Dutch"),
    "no": noop("Norwegian"), "pl": noop("Polish"), "pt": noop("Portuguese"), "ro": noop("Romanian"),
    "ru": noop("Russian"), "si": noop("Sinhala"), "sr": noop("Serbian"), "sv": noop("Swedish"),
    "ta": noop("Tamil"), "te": noop("Telugu"), "th": noop("Thai"), "tr": noop("Turkish"),
    "uk": noop("Ukrainian"), "ur": noop("Urdu"), "vi": noop("Vietnamese"), "zh": noop("Chinese"),
}  # fmt: skip
"""Names of languages by CLDR; `NAMES` has what each calls itself."""
_LANGUAGES = {
    spelling.casefold(): code
    for code, name in NAMES.items()
    for spelling in (code, name, LANGUAGE_NAMES[code])
}
LANGUAGE_FACETS = frozenset({"language", "text-language"})


def tag_name(facet: str, name: str) -> str:
    """The name of a facet's value for the reader: lists say `en`, `English` or `英语`.

    Kinds of links are our own words.
    """
    if facet == "link-kind":
        return gettext(name)
    code = _LANGUAGES.get(name.casefold()) if facet in LANGUAGE_FACETS else None
    return gettext(LANGUAGE_NAMES[code]) if code else name
