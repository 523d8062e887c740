import pytest

from catalog.editing.tags import describe_facet, describe_tag
from catalog.errors import InvalidField, RevisionConflict
from catalog.history.revisions import Author
from catalog.models import Catalog, Facet, Tag
from tests.catalog.tagging.tagged_lists import make_models

pytestmark = pytest.mark.django_db

BY = Author(credit="Ada")


@pytest.fixture
def catalog() -> Catalog:
    return make_models()


@pytest.fixture
def facet(catalog: Catalog) -> Facet:
    return catalog.facets.get(slug="base-model")


def test_facet_is_described_in_one_revision(catalog: Catalog, facet: Facet) -> None:
    before = {"name": facet.name, "rank": facet.rank, "is_public": True}

    revision = describe_facet(
        facet=facet, name=" Base   models ", description=facet.description, rank=9,
        is_public=False, by=BY, expected_revision=1,
    )  # fmt: skip

    assert revision is not None
    assert (revision.number, revision.verb, revision.credit) == (2, "tags", "Ada")
    assert revision.details == {
        "operation": "describe-facet",
        "facet": "base-model",
        "before": before,
        "after": {"name": "Base models", "rank": 9, "is_public": False},
    }
    facet.refresh_from_db()
    assert (facet.name, facet.rank, facet.is_public) == ("Base models", 9, False)


def test_setting_the_same_again_writes_nothing(catalog: Catalog, facet: Facet) -> None:
    again = describe_facet(
        facet=facet, name=facet.name, description="", rank=facet.rank, is_public=True, by=BY
    )

    assert again is None
    assert catalog.revisions.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"description": "x" * 1001}, "description"),
        ({"description": "\0"}, "description"),
        ({"rank": -1}, "rank"),
    ],
)
def test_facet_that_cannot_be_described_so_stays(
    catalog: Catalog, facet: Facet, values: dict[str, object], field: str
) -> None:
    given = {"name": "A", "description": "", "rank": 0, "is_public": True} | values

    with pytest.raises(InvalidField) as refusal:
        describe_facet(facet=facet, by=BY, **given)  # type: ignore[arg-type]

    assert refusal.value.field == field
    assert catalog.revisions.count() == 1


def test_tag_is_described(catalog: Catalog) -> None:
    tag = Tag.objects.get(name="OPT")

    revision = describe_tag(tag=tag, description=" By Meta. ", by=BY)

    assert revision is not None
    assert revision.details == {
        "operation": "describe-tag",
        "facet": "base-model",
        "tag": "OPT",
        "before": {"description": ""},
        "after": {"description": "By Meta."},
    }
    assert Tag.objects.get(pk=tag.pk).description == "By Meta."


def test_describing_what_has_moved_is_refused(facet: Facet) -> None:
    tag = Tag.objects.get(name="OPT")

    with pytest.raises(RevisionConflict):
        describe_tag(tag=tag, description="Old news.", by=BY, expected_revision=7)

    assert Tag.objects.get(pk=tag.pk).description == ""
