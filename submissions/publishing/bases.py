"""Reading what a proposal is based on: an entry as it stands, in the form that is compared."""

from __future__ import annotations

import hashlib
import json

from catalog.models import Block, Catalog, Entry
from submissions.choices import Kind
from submissions.proposal import Base, SubmissionDraft


def standing(draft: SubmissionDraft) -> Base:
    """Return the present version of what a draft is about."""
    if draft.proposal.kind == Kind.LINES:
        blocks = Block.objects.filter(catalog=draft.catalog, uid=draft.proposal.block)
        source = blocks.values_list("source", flat=True).first()
        return Base(revision=draft.catalog.revision, source=source or "")
    return base_of(draft.catalog, None if draft.proposal.kind == Kind.ADD else draft.entry)


def base_of(catalog: Catalog, entry: Entry | None) -> Base:
    """Return the present version; of a removed entry the last one, without lines and without a
    listing.

    Two queries at most when the entry was read with its block and its listing.
    """
    if entry is None:
        return Base(revision=catalog.revision)
    listing, block = entry.listing, entry.block
    tags = entry.entry_tags.values_list("tag__facet__slug", "tag__slug")
    return Base(
        revision=catalog.revision,
        source=block.source if block else "",
        name=entry.name,
        url=entry.url,
        description=entry.description,
        cells=tuple(cell["text"] for cell in entry.cells),
        columns=tuple(listing.columns) if listing else (),
        tags=tuple(sorted(f"{facet}:{tag}" for facet, tag in tags)),
        listing=entry.listing_id,
    )


def version_of(base: Base) -> str:
    """A short name of what stands, whatever else the list has become; see `workflow.approve`."""
    seen = [base.source, base.listing, base.tags]
    data = json.dumps(seen, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]
