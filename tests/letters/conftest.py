from __future__ import annotations

from collections.abc import Iterator

import pytest

from saleor_livesales import shop as interface
from tests.fakes import FakeShop
from tests.members.build import fill


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    before = interface._shop
    fake = fill(FakeShop())
    interface.install(fake)
    yield fake
    interface._shop = before
