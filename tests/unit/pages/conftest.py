import pytest

from tests.unit.pages.visits import Shop, a_shop


@pytest.fixture
def shop() -> Shop:
    return a_shop()
