"""What hosts send: believed by its signature alone, done once, and never more than one look."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult

from remotes.connections import make_webhook_secret
from remotes.models import Remote, WebhookDelivery
from tests.effort import IS_LONG
from tests.git.servers import Origin
from tests.mailbox import work_off
from tests.submission_factories import TEXT, make_user

pytestmark = pytest.mark.django_db(transaction=True)

BODY = json.dumps({"ref": "refs/heads/main", "text": "<script>--upload-pack"}).encode()


def send(remote: Remote, headers: dict[str, str], body: bytes = BODY) -> int:
    """The status of the answer to a delivery."""
    response = Client().post(
        f"/api/webhooks/git/{remote.pk}/", body, content_type="application/json", headers=headers
    )
    return response.status_code


def signature(secret: str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def looks() -> int:
    """How many looks are queued."""
    rows = DBTaskResult.objects.filter(task_path="remotes.tasks.bring_in_step")
    return rows.filter(status="READY").count()


WAYS: dict[str, Any] = {
    "GitHub": lambda s: {"X-Hub-Signature-256": f"sha256={signature(s)}", "X-GitHub-Delivery": "1"},
    "GitLab": lambda s: {"X-Gitlab-Token": s, "X-Gitlab-Event-UUID": "1"},
    "Forgejo": lambda s: {"X-Forgejo-Signature": signature(s), "X-Forgejo-Delivery": "1"},
    "Gitea": lambda s: {"X-Gitea-Signature": signature(s)},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_delivery_makes_one_look_and_no_other_when_it_comes_again(way: Any, remote: Remote) -> None:
    headers = way(make_webhook_secret(remote))

    assert [send(remote, headers) for _time in range(3)] == [202, 200, 200]
    assert (looks(), WebhookDelivery.objects.count()) == (1, 1)


FORGED: dict[str, Any] = {
    "nothing": lambda s: {},
    "empty": lambda s: {"X-Hub-Signature-256": "sha256=", "X-Gitlab-Token": ""},
    "another secret": lambda s: {"X-Hub-Signature-256": f"sha256={signature('other')}"},
    "another body": lambda s: {"X-Hub-Signature-256": f"sha256={signature(s, b'{}')}"},
    "part of the secret": lambda s: {"X-Gitlab-Token": s[:-1]},
    "no ASCII": lambda s: {"X-Gitlab-Token": "é"},
}


@pytest.mark.parametrize("way", FORGED.values(), ids=FORGED)
def test_forged_delivery_is_refused(way: Any, remote: Remote) -> None:
    headers = way(make_webhook_secret(remote))

    assert send(remote, headers) == 401
    assert (looks(), WebhookDelivery.objects.exists()) == (0, False)


def test_remote_without_a_secret_believes_nobody(remote: Remote) -> None:
    assert send(remote, {"X-Hub-Signature-256": f"sha256={signature('')}"}) == 401
    assert send(Remote(pk=remote.pk + 1), {}) == 401


def test_large_delivery_is_refused_unread(remote: Remote) -> None:
    secret, body = make_webhook_secret(remote), b"x" * 2 * 1024 * 1024
    assert send(remote, {"X-Gitlab-Token": secret}, body) == 413
    assert looks() == 0


def test_burst_is_one_look(remote: Remote, origin: Origin) -> None:
    headers = {"X-Gitlab-Token": make_webhook_secret(remote)}
    work_off()
    origin.commit(TEXT.replace("13B", "14B"))
    for number in range(1000 if IS_LONG else 100):
        assert send(remote, headers | {"X-Gitlab-Event-UUID": str(number)}) == 202
    assert looks() == 1
    before = len(origin.requests)

    work_off()

    talks = [path for path in origin.requests[before:] if "/info/refs?" in path]
    assert (len(talks), remote.commits.count()) == (1, 1)


def test_administration_shows_the_secret_once(remote: Remote, client: Client) -> None:
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    address = f"/admin/remotes/remote/{remote.pk}"
    shown = client.post(f"{address}/do/", {"do": "webhook"}, follow=True).text
    assert f"https://lists.example/api/webhooks/git/{remote.pk}/" in shown
    secret = shown.partition("secret: ")[2].partition("<")[0].strip()
    assert send(remote, {"X-Gitlab-Token": secret}) == 202
    assert secret not in client.get(f"{address}/change/").text
