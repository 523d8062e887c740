"""Past texts, from checkpoints, from live blocks, with and without a byte order mark."""

import random

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tasks_db.models import DBTaskResult

from catalog.editing.settings import change_settings
from catalog.errors import NotFound, RevisionConflict
from catalog.history import revisions as history
from catalog.history.revisions import Author, Lines, commit_revision, text_at
from catalog.models import Catalog, Change, Checkpoint, Revision
from catalog.store.document import delete_catalog
from tests.catalog.importing.imports import assert_sound, change_here, import_again, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db


def test_every_past_text_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CHECKPOINT_EVERY", 4)
    chance = random.Random(1)
    words = list("abcdefgh")
    texts = [text_of(f"#t _ {' '.join(words)}")]
    catalog = new_list(texts[0])
    while len(texts) < 11:
        words = chance.sample(words, len(words))
        words[0] = words[0].rstrip("!") + "!" * (len(texts) % 3)
        text = ("\ufeff" if len(texts) in {3, 7} else "") + text_of(f"#t _ {' '.join(words)}")
        if text == texts[-1]:
            continue
        change_here(catalog, text, "import" if len(texts) % 2 else "change")
        texts.append(text)
        if len(texts) == 5:
            assert [text_at(catalog, number) for number in range(1, 6)] == texts
            run_queued()

    run_queued()
    assert [text_at(catalog, number) for number in range(1, 12)] == texts
    stored = Checkpoint.objects.values_list("revision__number", flat=True)
    assert sorted(stored) == [1, 5, 11]
    assert_sound(catalog, texts[-1])


def run_queued() -> None:
    """Do what was queued twice over, as two workers might."""
    for queued in DBTaskResult.objects.ready():
        for _time in range(2):
            history.save_checkpoint.func(*queued.args_kwargs["args"])
    DBTaskResult.objects.all().delete()


def test_copy_of_a_list_that_is_gone_or_taken_back_is_not_made() -> None:
    catalog = new_list("x\n")

    history.save_checkpoint.func(catalog.pk, 200)
    history.save_checkpoint.func(catalog.pk + 1, 1)

    assert Checkpoint.objects.values_list("revision__number").get() == (1,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_read", [False, True], ids=["read", "packed"])
def test_copy_of_a_list_deleted_meanwhile_is_not_made(
    is_read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = new_list("x\n")
    change_here(catalog, "y\n", "import")
    name = "packed" if is_read else "_as_it_stands"
    do = getattr(history, name)

    def deleted_first(*given: object) -> object:
        delete_catalog(Catalog.objects.get())
        return do(*given)

    monkeypatch.setattr(history, name, deleted_first)
    history.save_checkpoint.func(catalog.pk, 2)

    assert (Catalog.objects.count(), Checkpoint.objects.count()) == (0, 0)


def test_copy_is_due_whatever_the_revision_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CHECKPOINT_EVERY", 2)
    catalog = new_list("x\n")

    change_settings(catalog=catalog, by=Author(), values={"title": "Other"})
    run_queued()

    stored = Checkpoint.objects.values_list("revision__number", "revision__verb")
    assert sorted(stored) == [(1, "import"), (2, "settings")]


@pytest.mark.parametrize("count", [0, 1, 1000, 2001])
def test_copy_of_a_long_text_is_packed_some_blocks_at_a_time(count: int) -> None:
    rows = [(uid, "item", f"- „{uid}“\n") for uid in range(count)]
    copy = Checkpoint(blocks=history.packed(True, iter(rows)))

    assert history.checkpoint_rows(copy) == (True, [(uid, text) for uid, _kind, text in rows])


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_revision_that_is_not_there_is_refused(number: int) -> None:
    catalog = new_list("x\n")

    with pytest.raises(NotFound, match=f"tools has no revision {number}; the newest is 1"):
        text_at(catalog, number)


def test_past_text_costs_a_fixed_number_of_statements() -> None:
    catalog = new_list(text_of("a b"))
    counts = []
    for number in range(1, 4):
        change_here(catalog, text_of(f"a b{'!' * number}"))
        with CaptureQueriesContext(connection) as queries:
            text_at(catalog, 2)
        counts.append(len(queries))

    assert counts == [4, 6, 6]


def test_history_names_entries_and_their_ids() -> None:
    catalog = new_list(text_of("#t _ a b c"))
    known = dict(catalog.entries.values_list("name", "pk"))

    import_again(catalog, text_of("#t _ c a! k"))

    changes = Change.objects.filter(revision__number=2).order_by("ordinal")
    new = catalog.entries.get(name="K").pk
    assert list(changes.values_list("op", "entry_name", "entry_id")) == [
        ("delete", "B", known["B"]),
        ("move", "C", known["C"]),
        ("replace", "A", known["A"]),
        ("insert", "K", new),
    ]


def test_revision_is_committed_once() -> None:
    catalog = new_list("x\n")

    with transaction.atomic():
        commit_revision(catalog=catalog, verb=Revision.Verb.TAGS, by=Author(), expected_revision=1)
    with pytest.raises(RevisionConflict), transaction.atomic():
        commit_revision(catalog=catalog, verb=Revision.Verb.TAGS, by=Author(), expected_revision=1)

    assert list(catalog.revisions.order_by("number").values_list("number", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_revision_needs_a_transaction() -> None:
    catalog = new_list("x\n")

    with pytest.raises(RuntimeError, match="needs a transaction"):
        commit_revision(catalog=catalog, verb=Revision.Verb.TAGS, by=Author())

    assert catalog.revisions.count() == 1


def test_lines_are_replayed_and_undone() -> None:
    changes = [
        Change(op="delete", uid=2, before="b", before_after_uid=1),
        Change(op="insert", uid=4, after="d", after_uid=0),
        Change(op="move", uid=3, before="c", after="c!", after_uid=4, before_after_uid=1),
        Change(op="replace", uid=1, before="a", after="a!"),
    ]
    lines = Lines([(1, "a"), (2, "b"), (3, "c")])

    for change in changes:
        lines.replay(change)
    assert lines.rows() == [(4, "d"), (3, "c!"), (1, "a!")]
    for change in reversed(changes):
        lines.undo(change)
    assert lines.rows() == [(1, "a"), (2, "b"), (3, "c")]


@pytest.mark.parametrize("op", ["delete", "replace", "move"])
def test_change_of_a_line_that_is_not_there_does_not_fit(op: str) -> None:
    with pytest.raises(KeyError):
        Lines([(1, "a")]).replay(Change(op=op, uid=2, after="x"))
