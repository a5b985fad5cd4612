"""The decider goes by the database's clock, and takes nobody for gone because it was set."""

import datetime

import pytest
from django.db import connection

from saleor_livesales import clock
from saleor_livesales.offers.decider import Decider

pytestmark = pytest.mark.django_db


def database_now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("hours", [1, -1])
def test_a_decider_whose_machine_has_another_time(redis, shop, monkeypatch, hours):
    decider = Decider()
    jump = datetime.timedelta(hours=hours)
    decider._clock._then -= jump
    decider._set_clock()

    assert abs(decider._clock.now() - database_now()) < datetime.timedelta(seconds=5)
    since = decider._since
    assert since.heard == since.reached == since.even
    assert abs(since.even - database_now()) < datetime.timedelta(seconds=5)

    decider._set_clock()  # nothing has jumped since
    assert decider._since is since
    assert clock.JUMP < 3600
