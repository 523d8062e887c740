"""The sentences for what the codec refuses and for findings, in the reader's language.

The codec and the checks report a code with values; this table is the only place that has the
words. A finding's key is its code, with its variant behind a dot where it has several sentences.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.markdown.findings import Finding, Severity
from catalog.markdown.writing.errors import CodecError

type Sentences = dict[str, str | Promise]

REFUSALS: Sentences = {
    "children": _("Other items stand below this one and would change their meaning without it."),
    "children-into-table": _("An item with others below it cannot be a row."),
    "contradiction": _("%(field)s was also changed through another field."),
    "control-character": _("%(field)s holds a control character."),
    "defined-elsewhere": _(
        "The address stands in the reference definition [%(label)s]; change it there."
    ),
    "emphasis-across": _(
        "%(field)s ends inside emphasis that begins before it; edit the raw source instead."
    ),
    "empty": _("The name is missing."),
    "generic-name": _("“%(name)s” says what kind of page a link leads to and is no name."),
    "html-listing": _("This listing is HTML; edit the raw source instead."),
    "in-parts": _("%(field)s does not stand in one piece here; edit the raw source instead."),
    "into-itself": _("An entry cannot move behind itself."),
    "last-lines": _("A single line left would be a paragraph; edit it instead."),
    "line-break": _("%(field)s has to stand on one line."),
    "line-break-in-cell": _(
        "%(field)s has to stand on one line. Use <br /> to break a line in a cell."
    ),
    "line-ending": _("The last line has to end with a line break."),
    "link-needed": _(
        "An entry's link cannot be taken away by itself; edit the raw source instead."
    ),
    "no-cells": _("Only rows of a table have cells."),
    "no-column": _("The table has %(columns)d columns."),
    "no-description-column": _("The table has no column for a description."),
    "no-entry": _("Nothing here reads as an entry; edit the raw source instead."),
    "no-link": _("There is no link here whose address could be set; edit the raw source instead."),
    "no-listing": _("This entry stands in no listing."),
    "not-one-block": _("Written like this it would not be %(kind)s of its own at this place."),
    "nothing-to-write": _("There is nothing to write."),
    "only-entry": _("It is the only entry of its list."),
    "other-columns": _("What goes into which column has to be said for this move."),
    "other-marker": _(
        "The item has to keep its marker %(marker)s; another one would begin a new list."
    ),
    "outside-lines": _("%(field)s does not stand in these lines; edit the raw source instead."),
    "surrogate": _("%(field)s holds half a character, which no file can."),
    "swallows": _("What follows would no longer be %(kind)s."),
    "unwritable": _(
        "%(field)s cannot be written here so that it reads as it is; change it, or edit the raw "
        "source instead."
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
    "html": _("a piece of HTML"),
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
        "The link “%(text)s” leads to “%(url)s”, which no heading has; correct it or take it out."
    ),
    "capital": _(
        "The description of “%(name)s” begins with a small letter, unlike its neighbours; make it "
        "a capital."
    ),
    "duplicate-definition": _(
        "The reference “%(label)s” is defined in line %(first)d already, and that one counts; "
        "take this one out."
    ),
    "duplicate-name": _(
        "The name “%(name)s” stands in line %(first)d of the same listing already; tell the two "
        "apart or merge them."
    ),
    "duplicate-url": _(
        "“%(name)s” leads to the same place as “%(other)s” in line %(first)d; keep both only if "
        "both are meant."
    ),
    "ellipsis": _("The description of “%(name)s” breaks off; finish the sentence."),
    "empty-heading": _("A heading has no words, so that nothing can lead to it; name it."),
    "empty-link": _("The link “%(name)s” leads nowhere; give it an address or take it out."),
    "end-mark": _(
        "The description of “%(name)s” ends without a mark, unlike its neighbours; add a full stop."
    ),
    "extra-cells": _(
        "The row of “%(name)s” has %(cells)d cells, the header %(columns)d; what is too much is "
        "not shown, so join cells or add a column."
    ),
    "heading-jump": _(
        "The heading “%(title)s” is of level %(level)d under one of level %(above)d; make it "
        "level %(better)d."
    ),
    "http": _("The link “%(name)s” uses http where other links to %(host)s use https; use https."),
    "link-without-text": _("The link to “%(url)s” has no words; nobody can see it, so name it."),
    "missing-cells": _(
        "The row of “%(name)s” has %(cells)d cells, the header %(columns)d; add what is missing."
    ),
    "name-in-description": _(
        "The description of “%(name)s” begins with the name, unlike its neighbours; leave it out."
    ),
    "no-description": _("“%(name)s” has no description, unlike its neighbours; add one."),
    "order": _("“%(name)s” is out of alphabetical order; it belongs after “%(other)s”."),
    "order.before": _("“%(name)s” is out of alphabetical order; it belongs before “%(other)s”."),
    "other-marker": _(
        "This list is marked with “%(marker)s”, the others with “%(usual)s”; use the same."
    ),
    "second-title": _("The heading “%(title)s” is a second title; make it level 2."),
    "space-before-link": _("Before the link “%(text)s” a space is missing; add it."),
    "tracking": _("The address of “%(name)s” tells who sent the reader (%(names)s); cut that off."),
    "unbalanced": _("In “%(name)s” a “%(mark)s” has no counterpart; add it or take it out."),
    "undefined-reference": _(
        "“%(text)s” is shown as it stands, since “%(label)s” is not defined; define it or write "
        "the address in parentheses."
    ),
    "unseen-character": _("There is an unseen character here (U+%(code)s, %(name)s); take it out."),
}

IN_PROPOSAL: Sentences = {
    "blocked": _("“%(value)s” is not accepted in this list."),
    "blocked.reason": _("“%(value)s” is not accepted in this list. %(reason)s"),
    "capital": _("The description begins with a small letter, unlike its neighbours."),
    "ellipsis": _("The description breaks off; finish the sentence."),
    "end-mark": _("The description ends without a mark, unlike its neighbours; add one."),
    "end-mark.superfluous": _(
        "The description ends with a full stop, unlike its neighbours; leave it out."
    ),
    "facet-value": _("“%(value)s” is new here and looks like “%(other)s”."),
    "glued-emphasis": _(
        "Emphasis that is glued to a word is shown as asterisks; set it off by blanks."
    ),
    "http": _("%(host)s can be reached by https; use that."),
    "line-break": _("A line break cannot stand in “%(field)s”; a README has one line for it."),
    "link-archived": _("The repository is archived; nobody works on it any more."),
    "link-broken": _("The link does not work (nobody answers)."),
    "link-broken.certificate": _("The link does not work (its certificate is not valid)."),
    "link-broken.host": _("The link does not work (the host is not known)."),
    "link-broken.loop": _("The link does not work (it leads from one to the next)."),
    "link-broken.port": _("The link does not work (an unusual port)."),
    "link-broken.private": _("The link does not work (a private or local address)."),
    "link-broken.scheme": _("The link does not work (it is no address of the web)."),
    "link-broken.status": _("The link does not work (it answers %(status)d)."),
    "link-broken.timeout": _("The link does not work (no answer in time)."),
    "link-moved": _("The link leads on to another site, %(host)s."),
    "many-links": _("There are %(count)d links in this, which is unusually many."),
    "name-in-description": _(
        "The description begins with the name, unlike its neighbours; leave it out."
    ),
    "no-description": _("There is no description, unlike with the neighbours; add one."),
    "order": _("The list is in alphabetical order; this belongs behind “%(name)s”."),
    "order.front": _("The list is in alphabetical order; this belongs to the front."),
    "promotional": _("“%(word)s” praises more than it says; tell what it does instead."),
    "required": _("The name is missing; every entry has one."),
    "required.column": _("“%(column)s” is missing; this list asks for it."),
    "same-repository": _("“%(name)s” leads to another place of the same repository."),
    "same-text": _("The same was sent in by %(count)d others within a week."),
    "same-work": _("“%(name)s” has a link to the same work."),
    "separator": _(
        "The description begins with a separator, which is set by itself; leave it out."
    ),
    "similar-name": _("“%(name)s” is called almost the same; make sure that it is something else."),
    "space-before-link": _("Before the link “%(text)s” a space is missing."),
    "spelling": _("“%(wrong)s” is spelled “%(right)s”."),
    "too-fast": _("It was sent faster than a person types."),
    "too-fast.unopened": _("The form was sent without having been asked for."),
    "too-long": _("“%(field)s” has %(length)d characters; at most %(limit)d can stand here."),
    "tracking": _("The address tells who sent the reader (%(names)s); cut that off."),
    "trap": _("A field that no person sees was filled in."),
    "unbalanced": _("“%(mark)s” has no counterpart; add it or take it out."),
    "unseen-character": _(
        "There is a character here that nobody sees (U+%(code)s, %(name)s); take it out."
    ),
    "unseen-domain": _("Nobody has had %(host)s published here, and the submitter is new."),
    "url-credentials": _("The address has a user name or password in it; leave that out."),
    "url-elsewhere": _("“%(name)s” elsewhere in this list has the same address."),
    "url-elsewhere.link": _("“%(name)s” has a link to the same address."),
    "url-elsewhere.pending": _(
        "“%(name)s” with this address was proposed for another place (number %(number)d)."
    ),
    "url-in-listing": _(
        "“%(name)s” has this address and stands here already; say why both are meant."
    ),
    "url-invalid": _("The address has to begin with https:// or http:// and have no blanks."),
    "url-invalid.unreadable": _("The address cannot be read as one."),
    "url-pending": _("“%(name)s” with this address was proposed already (number %(number)d)."),
    "url-private": _("“%(host)s” is in a private or local network, where readers cannot go."),
}
IN_PROPOSAL["unseen-in-text"] = IN_PROPOSAL["unseen-character"]


SEVERITIES: dict[Severity, str | Promise] = {
    Severity.BLOCK: _("must be changed"),
    Severity.WARN: _("should be looked at"),
    Severity.NOTE: _("good to know"),
}
"""What a severity asks of people, the most first."""


def refusal_sentence(error: CodecError, header: str = "") -> str:
    """What the codec refused, as one sentence; `header` names the column of a cell."""
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
