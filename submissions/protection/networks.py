"""Keyed hashes of networks and browsers, which are deleted after two months."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.tasks import task
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.limits import network_of
from submissions.models import Submission

HASH_DAYS = 30
"""Days for which one network has one hash; after twice that the hashes are deleted."""
_SALT = "submissions.protection.abuse"


def network_hash(address: str, now: datetime | None = None) -> str:
    """Return the keyed hash of a request's network, which changes each month."""
    return _hash(address, _period(now or timezone.now()))


def network_hashes(address: str, now: datetime | None = None) -> list[str]:
    """The hashes that the network has, and had last month."""
    period = _period(now or timezone.now())
    return [digest for each in (period, period - 1) if (digest := _hash(address, each))]


@task
def forget_networks() -> int:
    """Empty the hashes of networks and browsers that nothing is compared with any more."""
    before = timezone.now() - timedelta(days=2 * HASH_DAYS)
    known = ~Q(network_hash="") | ~Q(browser_hash="")
    old = Submission.objects.filter(known, created_at__lt=before)
    return old.update(network_hash="", browser_hash="")


def _period(now: datetime) -> int:
    return int(now.timestamp()) // (HASH_DAYS * 86400)


def _hash(address: str, period: int) -> str:
    network = network_of(address)
    if not network:
        return ""
    return salted_hmac(f"{_SALT}.{period}", network, algorithm="sha256").hexdigest()


def browser_hash(key: str) -> str:
    """Return the hash of the random key that the form gave a browser."""
    return salted_hmac(f"{_SALT}.browser", key, algorithm="sha256").hexdigest()
