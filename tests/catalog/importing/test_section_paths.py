"""The addresses of sections through imports: kept, redirected, given back."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from catalog.models import Section, SectionPath
from catalog.store.projection import section_addresses
from tests.catalog.importing.imports import assert_sound, import_again, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db

# Texts one after the other; the paths at the end; where old paths lead (None: gone).
STORIES: dict[str, tuple[list[str], list[str], dict[str, str | None]]] = {
    "as it is": (["#t _ ##x _ a _ ##y _ b"], ["t", "x", "y"], {}),
    "renamed": (["#t _ ##x _ a b", "#t _ ##z _ a b"], ["t", "z"], {"x": "z"}),
    "renamed twice": (
        ["#t _ ##x _ a b", "#t _ ##z _ a b", "#t _ ##w _ a b"],
        ["t", "w"],
        {"x": "w", "z": "w"},
    ),
    "renamed and back": (
        ["#t _ ##x _ a b", "#t _ ##z _ a b", "#t _ ##x _ a b"],
        ["t", "x"],
        {"z": "x"},
    ),
    "moved below another": (
        ["#t _ ##x _ a _ ##y _ b", "#t _ ##x _ a _ ###y _ b"],
        ["t", "x", "x/y"],
        {"y": "x/y"},
    ),
    "the one above renamed": (
        ["#t _ ##x _ a c d _ ###y _ b", "#t _ ##z _ a c d _ ###y _ b"],
        ["t", "z", "z/y"],
        {"x": "z", "x/y": "z/y"},
    ),
    "moved to another place": (
        ["#t _ ##x _ a _ ##y _ b", "#t _ ##y _ b _ ##x _ a"],
        ["t", "y", "x"],
        {},
    ),
    "split": (
        ["#t _ ##x _ a b c d", "#t _ ##x _ a b _ ##z _ c d"],
        ["t", "x", "z"],
        {},
    ),
    "removed": (["#t _ ##x _ a _ ##y _ b", "#t _ ##x _ a"], ["t", "x"], {"y": None}),
    "removed and back": (
        ["#t _ ##x _ a _ ##y _ b", "#t _ ##x _ a", "#t _ ##x _ a _ ##y _ b"],
        ["t", "x", "y"],
        {},
    ),
    "titles exchanged": (
        ["#t _ ##x _ a b _ ##y _ c d", "#t _ ##y _ a b _ ##x _ c d"],
        ["t", "y", "x"],
        {},
    ),
    "the same title twice": (
        ["#t _ ##x _ a _ ##x _ b"],
        ["t", "x", "x-2"],
        {},
    ),
    "the first of two gone": (
        ["#t _ ##x _ a _ ##y _ c _ ##x _ b", "#t _ ##y _ c _ ##x _ b"],
        ["t", "y", "x-2"],
        {"x": None},
    ),
    "words of the site": (
        ["#t _ ##entries _ a _ ##Browse _ b _ ##changes _ c"],
        ["t", "entries-2", "browse-2", "changes-2"],
        {},
    ),
    "nothing left": (["#t _ ##x _ a", "#t"], ["t"], {"x": None}),
    "a new one takes an old address": (
        ["#t _ ##x _ a b", "#t _ ##z _ a b", "#t _ ##z _ a b _ ##x _ c"],
        ["t", "z", "x"],
        {},
    ),
}


@pytest.mark.parametrize(("texts", "paths", "old"), STORIES.values(), ids=STORIES)
def test_section_addresses(
    texts: list[str], paths: list[str], old: dict[str, str | None], client: Client
) -> None:
    catalog = new_list(text_of(texts[0]))
    for words in texts[1:]:
        import_again(catalog, text_of(words))

    sections = Section.objects.filter(catalog=catalog).in_reading_order()
    assert list(sections.values_list("path", flat=True)) == paths
    assert dict(SectionPath.objects.values_list("path", "section__path")) == old
    assert_sound(catalog, text_of(texts[-1]))
    for path, target in old.items():
        answer = client.get(f"/tools/{path}/")
        if target is None:
            assert answer.status_code == 410
        else:
            assert (answer.status_code, answer["Location"]) == (301, f"/tools/{target}/")


def test_many_sections_of_one_title_are_written_in_linear_time() -> None:
    text = "# T\n\n" + "## Data\n\n" * 2000
    catalog = new_list(text)

    assert Section.objects.filter(catalog=catalog, path="data-2000").exists()
    import_again(catalog, text.replace("## Data", "## Other"))
    import_again(catalog, "# T\n")

    assert SectionPath.objects.filter(catalog=catalog).count() == 4000


def test_a_list_is_linked_within_by_the_addresses_of_its_pages() -> None:
    catalog = new_list("# T\n\n## Data\n\n## 数据 & more\n")

    sections = list(Section.objects.filter(catalog=catalog).in_reading_order())
    assert section_addresses(catalog, sections) == {
        "": catalog.get_absolute_url(),
        "t": catalog.get_absolute_url(),
        **{section.anchor: section.get_absolute_url() for section in sections[1:]},
    }


ADDRESSES = """
import sys
from catalog.models import Catalog
from catalog.store.projection import section_addresses

print(section_addresses(Catalog(slug="tools"), []), "config.urls" in sys.modules)
"""


def test_a_command_that_writes_lists_loads_no_page() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", ADDRESSES],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("{'': '/tools/'} False\n", "")
