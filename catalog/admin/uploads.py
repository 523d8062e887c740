"""An uploaded README between the preview of an import and the word that it is to be done.

Kept in a row of Django's session table, because that is shared by all processes, expires, is
cleared by `clearsessions`, and is signed. The key stays on the server, in the person's own session,
which holds one at a time: so there is never more than one text a person.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore

UPLOAD_SECONDS = 3600
"""Seconds for which a preview can be confirmed."""
_POINTER = "catalog_upload"


@dataclass(frozen=True, slots=True)
class Upload:
    """A text that waits. `catalog` is the list it is for, None for a new one with `settings`."""

    text: str
    name: str
    catalog: int | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Return the digest of the text in UTF-8, by which the confirmation names it."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


def store_upload(session: SessionBase, upload: Upload) -> None:
    """Keep an upload for its person, in place of an earlier one."""
    forget_upload(session)
    store = SessionStore()
    store.update(asdict(upload))
    store.set_expiry(UPLOAD_SECONDS)
    store.create()
    session[_POINTER] = store.session_key


def read_upload(session: SessionBase) -> Upload | None:
    """The upload that waits for this person, if any."""
    key = session.get(_POINTER)
    if not key:
        return None
    data = SessionStore(session_key=key).load()
    if "text" not in data:
        return None
    return Upload(data["text"], data["name"], data["catalog"], data["settings"])


def forget_upload(session: SessionBase) -> None:
    """Drop what waits for this person."""
    key = session.pop(_POINTER, None)
    if key:
        SessionStore(session_key=key).delete()
