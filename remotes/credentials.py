"""Secrets of remotes: encrypted where they are stored, and nowhere else written.

Each key of `CREDENTIAL_KEYS` can decrypt, the first one encrypts; so a key is changed by putting
the new one first, and taking the old one away once `reencrypt` has been over everything, which
every synchronisation does for its remote. Without that setting the site's secret key is used.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from remotes.models import Remote
from remotes.problems import RemoteProblem


def encrypt(secret: str) -> bytes:
    """The secret as it may be stored; b'' for none."""
    return _cipher().encrypt(secret.encode()) if secret else b""


def decrypt(stored: bytes | memoryview) -> str:
    """The secret that was stored. Raises `RemoteProblem` where no key is the right one."""
    if not stored:
        return ""
    try:
        return _cipher().decrypt(bytes(stored)).decode()
    except InvalidToken:
        raise RemoteProblem("secret") from None


def reencrypt(remote: Remote) -> None:
    """Encrypt a remote's secrets by the newest key. Raises `RemoteProblem`."""
    newest = Fernet(_keys()[0])
    values = {}
    for name in ("token", "private_key", "webhook_secret"):
        stored = bytes(getattr(remote, name))
        if not stored:
            continue
        try:
            newest.decrypt(stored)
        except InvalidToken:
            values[name] = encrypt(decrypt(stored))
    if values:
        Remote.objects.filter(pk=remote.pk).update(**values)
        for name, value in values.items():
            setattr(remote, name, value)


def make_deploy_key(remote: Remote) -> str:
    """Make a pair of keys for SSH, and store it; returns the public half."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    remote.private_key = encrypt(private.decode())
    remote.public_key = f"{public.decode()} listwright-{remote.catalog.slug}"
    remote.save(update_fields=["private_key", "public_key"])
    return remote.public_key


def make_webhook_secret(remote: Remote) -> str:
    """Make the secret that a host signs by, and store it; it is told this once."""
    secret = secrets.token_urlsafe(32)
    remote.webhook_secret = encrypt(secret)
    remote.save(update_fields=["webhook_secret"])
    return secret


def _keys() -> list[bytes]:
    words: list[str] = list(settings.CREDENTIAL_KEYS)
    if not words:
        words = [str(word) for word in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return [_key_of(word) for word in words]


def _key_of(secret: str) -> bytes:
    derived = hashlib.sha256(b"listwright.remotes.credentials:" + secret.encode()).digest()
    return base64.urlsafe_b64encode(derived)


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])
