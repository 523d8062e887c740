"""Real lists, as they are and changed by chance: in, out, in again, and through the history."""

import random
import re
from itertools import pairwise

import pytest

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.history.revisions import text_at
from catalog.markdown import BlockKind, parse
from catalog.models import Entry
from tests.catalog.importing.imports import change_here, ids, import_again, new_list
from tests.lists import NAMES, needs_real_lists, read_list

pytestmark = [pytest.mark.django_db, needs_real_lists]

_MOVABLE = {BlockKind.TABLE_ROW, BlockKind.ITEM}


def mutated(text: str, chance: random.Random, *, times: int) -> str:
    """The text with some of its rows and items moved, removed, doubled or reworded."""
    document = parse(text)
    sources = [block.source for block in document.blocks]
    kinds = [block.kind for block in document.blocks]
    for _time in range(times):
        places = [i for i, kind in enumerate(kinds) if kind in _MOVABLE]
        if len(places) < 2:
            break
        here = chance.choice(places)
        # An item between two rows would end their table.
        there = chance.choice([i for i in places if kinds[i] == kinds[here]])
        match chance.randrange(4):
            case 0:
                sources.insert(there, sources.pop(here))
                kinds.insert(there, kinds.pop(here))
            case 1:
                del sources[here], kinds[here]
            case 2:
                sources.insert(there, sources[here])
                kinds.insert(there, kinds[here])
            case 3:
                sources[here] = re.sub(r"(\w)(\W*)$", r"\1 too\2", sources[here], count=1)
    return document.bom + "".join(sources)


@pytest.mark.parametrize("name", NAMES)
def test_real_list_comes_back_and_remembers(name: str) -> None:
    text = read_list(name)
    catalog = new_list(text)
    first = ids(catalog)
    assert export_markdown(catalog) == text
    assert import_again(catalog, text).revision == 1

    chance = random.Random(name)
    texts = [text]
    for _time in range(3):
        texts.append(mutated(texts[-1], chance, times=8))
        import_again(catalog, texts[-1])
        assert export_markdown(catalog) == texts[-1]
    import_again(catalog, text)

    assert export_markdown(catalog) == text
    assert check_catalog(catalog) == []
    # Words added to a bare address make it another one, and then nothing is left to know it by.
    assert len(set(first.values()) - set(ids(catalog).values())) <= 3
    history = [text_at(catalog, number) for number in range(1, catalog.revision + 1)]
    changed = [after for before, after in pairwise(texts) if before != after]
    assert history == [text, *changed, *([text] if texts[-1] != text else [])]


@pytest.mark.parametrize("name", NAMES)
def test_changes_of_both_sides_of_a_real_list_meet(name: str) -> None:
    """Whatever merges is there with both sides' changes, and every past text can be had."""
    text = read_list(name)
    catalog = new_list(text)
    chance = random.Random(name)
    here = mutated(text, chance, times=4)
    change_here(catalog, here)

    result = import_again(catalog, mutated(text, chance, times=4), theirs=True)

    assert check_catalog(catalog) == []
    assert text_at(catalog, 1) == text
    again = import_again(catalog, export_markdown(catalog))
    assert again.revision == result.revision
    assert not Entry.objects.filter(catalog=catalog, state="published", block=None).exists()
