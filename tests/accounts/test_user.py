import pytest

from accounts.models import User


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"display_name": "Ada L.", "first_name": "Ada", "last_name": "Lovelace"}, "Ada L."),
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace"),
        ({}, "ada"),
    ],
)
def test_full_name_is_the_best_name_known(names: dict[str, str], shown: str) -> None:
    assert User(username="ada", **names).get_full_name() == shown
