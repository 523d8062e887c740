"""Pull requests of others as submissions: one for each entry that they change.

What is compared is the request's file with the commit that it began from, so that it does not
matter what the list has become meanwhile: the submissions merge with that, and conflict where they
must. A request that changes anything else than entries is left to Git.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import markdown
from catalog.errors import CatalogError
from catalog.importing.ancestry import Rows
from catalog.importing.matching import Matching
from catalog.importing.merging import items_of
from catalog.markdown.links import canonical_url
from catalog.markdown.nodes import BlockKind, ListingKind, begun_by
from catalog.markdown.subsequences import longest_increasing
from catalog.models import Block, Catalog, Change, Entry, Listing
from catalog.sentences import finding_sentence
from catalog.store.snapshots import corrections_of
from remotes.commits import known_rows, text_of
from remotes.connections import hold, log
from remotes.git import RemoteProblem, Repository, plain_name, read_address
from remotes.hosts import GitHub, HostRequest
from remotes.models import (
    Host,
    PullRequest,
    PullRequestEntry,
    Remote,
    RemoteCommit,
    RemoteEvent,
    RemoteFile,
)
from submissions import workflow
from submissions.choices import OPEN, Kind, Status
from submissions.errors import FindingsBlock
from submissions.models import Submission
from submissions.people import Actor
from submissions.proposal import Base, Proposal
from submissions.publishing.planning import base_of

MOST_AT_ONCE = 100
"""Requests that are read in one synchronisation; the others wait for the next."""
MOST_ENTRIES = 100
"""Most entries of one request: nobody decides on more one by one."""
_MOST_PATHS = 5


# What another version of the file proposes, entry by entry
#
# Two texts are compared. What is no entry, such as running text or a heading, cannot be proposed on
# the site; where that differs the version is for Git.


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an entry; `name_column` is that of its table, None in a list."""

    name: str = ""
    url: str = ""
    description: str = ""
    cells: tuple[str, ...] = ()
    name_column: int | None = None


@dataclass(frozen=True, slots=True)
class EntryProposal:
    """A change of one entry. Blocks are indexes of the older document.

    `line` is where it stands in the newer text (in the older one, for a removal). `block` is the
    entry's, None for an addition; `above` and `below` are, nearest first, the entries of the
    listing that it goes to.
    """

    kind: Kind
    line: int
    source: str
    block: int | None = None
    before: Fields = field(default_factory=Fields)
    fields: Fields = field(default_factory=Fields)
    above: tuple[int, ...] = ()
    below: tuple[int, ...] = ()


def _fields_of(document: markdown.Document, block: markdown.Block) -> Fields | None:
    """Return the fields of the entry on a block; None where there is none, or only a suggested
    one."""
    if block.entry is None or document.entries[block.entry].suggested:
        return None
    entry = document.entries[block.entry]
    listing = None if block.listing is None else document.listings[block.listing]
    if listing is None or listing.kind is not ListingKind.TABLE:
        return Fields(entry.name, entry.url, entry.description)
    cells = tuple(cell.text for cell in entry.cells)
    return Fields(entry.name, entry.url, "", cells, listing.name_column)


class Comparison:
    """What has to be proposed for the older text to become the newer one.

    `unreadable` are the numbers of lines that differ and are no entry's.
    """

    def __init__(self, older: markdown.Document, newer: markdown.Document) -> None:
        self.older, self.newer = older, newer
        self.old_of = Matching(items_of(older), items_of(newer)).run()
        pairs = [(new, old) for new, old in sorted(self.old_of.items()) if not _is_gap(newer, new)]
        standing = longest_increasing([old for _new, old in pairs])
        self.moved = {new for new, old in pairs if old not in standing}
        self.unreadable: list[int] = []
        there = [
            self._changed(index, block)
            for index, block in enumerate(newer.blocks)
            if not _is_gap(newer, index)
        ]
        self.proposals = [one for one in there if one is not None] + list(self._gone())

    def _changed(self, index: int, block: markdown.Block) -> EntryProposal | None:
        """Return the proposal in a block of the newer text; None for none."""
        old = self.old_of.get(index)
        is_moved = index in self.moved
        before = None if old is None else self.older.blocks[old]
        if (
            before is not None
            and not is_moved
            and _without_end(before.source) == _without_end(block.source)
        ):
            return None
        fields = _fields_of(self.newer, block)
        was = None if before is None else _fields_of(self.older, before)
        is_placed = old is None or is_moved
        place = self._place(index, block) if is_placed else ((), ())
        lacks_place = is_placed and not any(place)
        if fields is None or lacks_place or (before is not None and was is None):
            self.unreadable.append(block.first_line)
            return None
        kind = Kind.MOVE if is_moved else Kind.EDIT if before is not None else Kind.ADD
        return EntryProposal(
            kind, block.first_line, block.source, old, was or Fields(), fields, *place
        )

    def _place(self, index: int, block: markdown.Block) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The entries above and below a block in its listing, as far as they stand there in both
        texts."""
        blocks = [] if block.listing is None else self.newer.listings[block.listing].blocks
        entries = [
            (new, self.old_of[new])
            for new in blocks
            if new in self.old_of
            and new not in self.moved
            and _fields_of(self.older, self.older.blocks[self.old_of[new]])
        ]
        above = [old for new, old in reversed(entries) if new < index]
        return tuple(above), tuple([old for new, old in entries if new > index])

    def _gone(self) -> Iterator[EntryProposal]:
        there = set(self.old_of.values())
        for index, block in enumerate(self.older.blocks):
            if index in there or _is_gap(self.older, index):
                continue
            fields = _fields_of(self.older, block)
            if fields is None:
                self.unreadable.append(block.first_line)
                continue
            yield EntryProposal(Kind.REMOVE, block.first_line, block.source, index, fields, fields)


def _is_gap(document: markdown.Document, index: int) -> bool:
    return document.blocks[index].kind is BlockKind.GAP


def _without_end(source: str) -> str:
    return source.rstrip("\r\n")


# What becomes submissions


def take_requests(
    remote: Remote, repository: Repository, host: GitHub, offered: Sequence[HostRequest]
) -> bool:
    """Read the requests that are new or have new commits, and let go of those that are closed.

    Returns whether more are left for another time.
    """
    rows = {row.number: row for row in remote.pull_requests.filter(is_ours=False)}
    fresh = [one for one in offered if one.head and _is_news(rows.get(one.number), one)]
    now = sorted(fresh, key=lambda one: one.number)[:MOST_AT_ONCE]
    if now:
        references = {one.number: host.request_ref.format(one.number) for one in now}
        heads = repository.fetch_requests(references)
        for one in now:
            hold(remote)
            _Reading(remote, repository, one, heads.get(one.number, "")).run()
        log(remote, RemoteEvent.Kind.REQUESTS, len(now))
    there = {one.number for one in offered}
    for number, row in rows.items():
        if row.state == PullRequest.State.OPEN and number not in there:
            _let_go(remote, row)
    return len(fresh) > MOST_AT_ONCE


def _is_news(row: PullRequest | None, offered: HostRequest) -> bool:
    return row is None or row.head != offered.head or row.state != PullRequest.State.OPEN


def _let_go(remote: Remote, row: PullRequest) -> None:
    """Take back what waits of a request that was closed or merged there."""
    with transaction.atomic():
        hold(remote)
        for entry in row.entries.select_related("submission"):
            _withdraw(entry.submission, row, _("Pull request #%(number)d was closed or merged."))
        row.state = PullRequest.State.CLOSED
        row.save(update_fields=["state"])


def _withdraw(submission: Submission | None, row: PullRequest, note: str = "") -> None:
    withdrawable = (Status.PENDING, Status.CHANGES_REQUESTED)
    if submission is not None and submission.status in withdrawable:
        note = note or _("Pull request #%(number)d no longer proposes this.")
        workflow.withdraw(
            submission=submission,
            actor=_sender(row, submission),
            note=note % {"number": row.number},
        )


def _sender(row: PullRequest, submission: Submission | None = None) -> Actor:
    """The author of a request, as who sends what it proposes and takes it back."""
    token = submission.token if submission else ""
    return Actor(name=row.author, token=token, is_vouched=True)


@dataclass(frozen=True, slots=True)
class _Proposed:
    """The submission for one entry, and its identity."""

    key: str
    line: int
    name: str
    proposal: Proposal
    listing: Listing | None
    entry: Entry | None
    base: Base | None

    @property
    def digest(self) -> str:
        data = json.dumps(self.proposal.to_json(), sort_keys=True)
        return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()


class _Reading:
    """One request, read at one commit."""

    def __init__(
        self, remote: Remote, repository: Repository, offered: HostRequest, head: str
    ) -> None:
        self.remote, self.repository = remote, repository
        self.offered, self.head = offered, head
        self.file = RemoteFile.objects.get(remote=remote)
        self.catalog = Catalog.objects.get(pk=remote.catalog_id)

    def run(self) -> None:
        """Read it, and let its submissions be what it proposes."""
        proposed: list[_Proposed] = []
        reading, detail, author = PullRequest.Reading.GIT, "", ("", "")
        try:
            base = self.head and self.repository.merge_base(self.head, self.file.commit)
            if not self.head:
                detail = _("Git cannot fetch it.")
            elif not base:
                detail = _("It has no commit in common with the branch.")
            elif paths := self._other_paths(base):
                detail = _("It changes other files: %(paths)s") % {"paths": ", ".join(paths)}
            else:
                author = self.repository.author(base, self.head, self.file.path)
                proposed, detail = self._proposed(base)
                reading = PullRequest.Reading.ENTRIES if proposed else PullRequest.Reading.NOTHING
        except RemoteProblem as problem:
            if problem.problem != "text":
                raise
            detail = problem.message
        if detail:
            proposed, reading = [], PullRequest.Reading.GIT
        self._store(proposed, reading, detail, author)

    def _other_paths(self, base: str) -> list[str]:
        paths = self.repository.changed_paths(base, self.head)
        others = [path for path in paths if path != self.file.path]
        names = [" ".join(path.split())[:100] for path in others[:_MOST_PATHS]]
        return [*names, "…"] if len(others) > _MOST_PATHS else names

    def _proposed(self, base: str) -> tuple[list[_Proposed], str]:
        """Return the request's proposals, and what of it cannot be proposed here ('' for
        nothing)."""
        repository, path = self.repository, self.file.path
        texts = []
        for sha in (base, self.head):
            data = repository.read(sha, path)
            if data is None:
                return [], _("The file is not in it: %(path)s") % {"path": path}
            texts.append(text_of(data, path))
        corrections = corrections_of(self.catalog)
        older, newer = (markdown.parse(text, corrections=corrections) for text in texts)
        compared = Comparison(older, newer)
        if (count := len(compared.proposals)) > MOST_ENTRIES:
            return [], _("It changes %(count)d entries.") % {"count": count}
        maker = _Maker(self.catalog, older, self._rows(base, texts[0]), self.offered.number)
        proposed = [maker.proposed(one) for one in compared.proposals]
        pairs = zip(compared.proposals, proposed, strict=True)
        lost = [one.line for one, made in pairs if made is None]
        if lines := sorted([*compared.unreadable, *lost]):
            shown = ", ".join(map(str, lines[:_MOST_PATHS]))
            return [], _("These lines are not entries: %(lines)s") % {"lines": shown}
        return [one for one in proposed if one is not None], ""

    def _rows(self, base: str, text: str) -> Rows:
        if base == self.file.commit:
            revision = self.file.revision
        else:
            known = RemoteCommit.objects.filter(remote=self.remote, sha=base)
            revision = known.values_list("revision", flat=True).first() or 0
        return known_rows(self.catalog, text, revision)

    # What is stored

    def _store(
        self, proposed: Sequence[_Proposed], reading: str, detail: str, author: tuple[str, str]
    ) -> None:
        offered, name = self.offered, author[0] or self.offered.author
        row, _is_new = PullRequest.objects.update_or_create(
            remote=self.remote,
            number=offered.number,
            defaults={
                "url": offered.url,
                "title": " ".join(offered.title.split())[:300].replace("\0", ""),
                "author": plain_name(name),
                "author_email": author[1][:254],
                "state": PullRequest.State.OPEN,
                "reading": reading,
                "detail": detail,
            },
        )
        known = {entry.key: entry for entry in row.entries.select_related("submission")}
        # What stands behind the same entry: published in the order of the queue it comes out right.
        for one in reversed(proposed):
            with transaction.atomic():
                hold(self.remote)
                self._submit(row, one, known.pop(one.key, None))
        for entry in known.values():
            with transaction.atomic():
                hold(self.remote)
                _withdraw(entry.submission, row)
                if entry.submission is None or entry.submission.status in OPEN:
                    entry.delete()
        row.head = offered.head
        row.save(update_fields=["head"])

    def _submit(self, row: PullRequest, one: _Proposed, entry: PullRequestEntry | None) -> None:
        """Create or update one entry's submission."""
        entry = entry or PullRequestEntry(request=row, key=one.key)
        entry.line, entry.name, entry.kind = one.line, one.name[:300], one.proposal.kind
        is_over = entry.submission is None or entry.submission.status == Status.WITHDRAWN
        if is_over or entry.digest != one.digest:
            entry.refusal = ""
            try:
                with transaction.atomic():
                    entry.submission = self._sent(row, one, entry.submission)
            except FindingsBlock as error:
                entry.refusal = " ".join(finding_sentence(each) for each in error.findings)
            except CatalogError as error:
                entry.refusal = error.message
            entry.digest = one.digest
        entry.save()

    def _sent(self, row: PullRequest, one: _Proposed, known: Submission | None) -> Submission:
        if known is not None and known.kind != one.proposal.kind:
            _withdraw(known, row)
        elif known is not None and known.status in OPEN:
            return workflow.resubmit(
                submission=known, actor=_sender(row, known), proposal=one.proposal
            )
        user = self._account()
        actor = Actor(user=user) if user else _sender(row)
        note = _("From pull request #%(number)d: %(title)s %(url)s") % {
            "number": row.number, "title": row.title, "url": row.url
        }  # fmt: skip
        return workflow.submit(
            catalog=self.catalog,
            actor=actor,
            proposal=one.proposal,
            listing=one.listing,
            entry=one.entry,
            base=one.base,
            note=note.strip(),
            credit=row.author,
            wants_mail=False,
            language=settings.LANGUAGE_CODE,
            # Who offers a change to a repository does so under its licence.
            consent=True,
        )

    def _account(self) -> User | None:
        """The account of somebody who has shown here that the one at GitHub is theirs."""
        if not self.offered.account or not _is_github(self.remote):
            return None
        accounts = SocialAccount.objects.filter(provider="github", uid=self.offered.account)
        known = accounts.select_related("user").first()
        return known.user if known else None


def _is_github(remote: Remote) -> bool:
    """Whether accounts there are those that people sign in with here."""
    address = read_address(remote.url, may_be_local=True)
    return remote.host == Host.GITHUB and address.host == "github.com"


class _Maker:
    """Makes proposals about the list's rows of what was compared in texts."""

    def __init__(self, catalog: Catalog, older: markdown.Document, rows: Rows, number: int) -> None:
        self.catalog, self.older, self.number = catalog, older, number
        self.uids = _uids(older, rows)
        blocks = Block.objects.filter(catalog=catalog, uid__in=set(self.uids.values()))
        blocks = blocks.select_related("entry__block", "entry__listing", "listing")
        self.blocks: Mapping[int, Block] = {block.uid: block for block in blocks}
        self.keys: set[str] = set()

    def proposed(self, one: EntryProposal) -> _Proposed | None:
        """The proposal of a change; None where what it is about is not known here."""
        block = self._block(one.block)
        entry = getattr(block, "entry", None) or self._removed(one.block)
        if one.kind is not Kind.ADD and entry is None:
            return None
        listing = self._listing(one)
        if one.kind in {Kind.ADD, Kind.MOVE} and listing is None:
            return None
        proposal = self._proposal(one, listing, entry)
        base = self._base(one, entry)
        own = listing if one.kind is Kind.ADD else None
        return _Proposed(self._key(one), one.line, one.fields.name, proposal, own, entry, base)

    def _proposal(
        self, one: EntryProposal, listing: Listing | None, entry: Entry | None
    ) -> Proposal:
        if one.kind is Kind.REMOVE:
            reason = _("Removed in pull request #%(number)d.") % {"number": self.number}
            return Proposal(Kind.REMOVE, reason=reason)
        place = listing if one.kind is Kind.ADD else entry.listing if entry else None
        texts = _texts(one, place)
        is_edited = one.fields != one.before or one.kind is Kind.EDIT
        proposal = replace(texts, source=one.source if is_edited else "")
        if one.kind is Kind.EDIT or listing is None:
            return proposal
        above = [
            block.entry.pk
            for index in one.above
            if (block := self._block(index))
            and block.listing_id == listing.pk
            and hasattr(block, "entry")
        ]
        proposal = replace(proposal, after=above[0] if above else None, first=not above)
        is_elsewhere = entry is not None and entry.listing_id != listing.pk
        return replace(proposal, target=listing.pk) if is_elsewhere else proposal

    def _base(self, one: EntryProposal, entry: Entry | None) -> Base | None:
        """Return the version that the request's author saw: the present one, or the one in the
        request's base."""
        if one.kind is Kind.ADD or entry is None or one.block is None:
            return None
        now, source = base_of(self.catalog, entry), self.older.blocks[one.block].source
        if _without_end(now.source) == _without_end(source):
            return now
        was = one.before
        return replace(
            now,
            source=source,
            name=was.name,
            url=was.url,
            description=was.description or ("" if not was.cells else now.description),
            cells=was.cells,
        )

    def _listing(self, one: EntryProposal) -> Listing | None:
        """The listing that an entry goes to: where most of its neighbours are by now."""
        blocks = [block for index in (*one.above, *one.below) if (block := self._block(index))]
        listings = Counter([block.listing for block in blocks if block.listing])
        return listings.most_common(1)[0][0] if listings else None

    def _block(self, index: int | None) -> Block | None:
        return None if index is None else self.blocks.get(self.uids.get(index, 0))

    def _removed(self, index: int | None) -> Entry | None:
        """The entry that a block was before it was removed here."""
        if index is None:
            return None
        changes = Change.objects.filter(revision__catalog=self.catalog, uid=self.uids.get(index, 0))
        keys = changes.exclude(entry_id=None).order_by("-pk").values_list("entry_id", flat=True)
        return Entry.objects.filter(pk=keys.first() or 0).first()

    def _key(self, one: EntryProposal) -> str:
        """Return the identity of an entry of the request across its versions."""
        if one.block is not None:
            return f"block {self.uids.get(one.block, 0)}"
        identity = canonical_url(one.fields.url) or one.source.strip()
        key = digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        while key in self.keys:
            key = f"{digest} {len(self.keys)}"
        self.keys.add(key)
        return key


def _uids(document: markdown.Document, rows: Rows) -> dict[int, int]:
    """The uid of each block of a text that Git had; without what was cut otherwise."""
    begun = begun_by(document, [(row, row[1]) for row in rows])
    blocks = document.blocks
    return {n: uid for n, (uid, source) in begun.items() if source == blocks[n].source}


def _texts(one: EntryProposal, listing: Listing | None) -> Proposal:
    """The texts that are proposed: all of an addition's, of an edit those that differ."""
    kind, now = one.kind, one.fields
    was = Fields() if kind is Kind.ADD else one.before
    named = now.name_column
    if listing is not None and named is not None and listing.name_column != named:
        # A maintainer has said that another column names the entries.
        named = None
    cells = {
        number: text
        for number, text in enumerate(now.cells)
        if number != named and text != (was.cells[number] if number < len(was.cells) else "")
    }
    is_by_cells = bool(now.cells) and named is None
    return Proposal(
        kind,
        name=None if is_by_cells or now.name == was.name else now.name,
        url=None if is_by_cells or now.url == was.url else now.url,
        description=None if now.description == was.description else now.description,
        cells=cells,
    )
