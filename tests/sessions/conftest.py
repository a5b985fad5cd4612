"""A store that is open: the channel is active and nothing keeps a session from opening but a missing rep."""

import pytest

from saleor_livesales.channels.models import ChannelSettings

from .build import CHANNEL, NOW


@pytest.fixture
def store(shop, redis, transactional_db):
    """Commits are real here, so that announcements happen; the store's settings are returned."""
    return ChannelSettings.objects.create(channel=CHANNEL, active=True, currency="USD", updated_at=NOW)
