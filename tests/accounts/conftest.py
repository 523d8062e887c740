"""What the tests of accounts share."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nobody_was_too_fast() -> None:
    """Forget the attempts of other tests: allauth counts them in the cache."""
    cache.clear()
