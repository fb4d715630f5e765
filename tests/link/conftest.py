"""What the tests of live sources share."""

import pytest

from tests.link.played import Hand


@pytest.fixture
def hand() -> Hand:
    return Hand()
