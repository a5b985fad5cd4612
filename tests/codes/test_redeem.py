"""Entering a code: what it opens, what it does not, and that all refusals are one."""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_livesales import conf
from saleor_livesales.codes import actions, redeem, tries
from saleor_livesales.codes.alphabet import Secret, make, written
from saleor_livesales.codes.models import Code, CodeChange, CodeTries
from saleor_livesales.codes.redeem import CodeRefused
from saleor_livesales.codes.tries import TooManyTries
from saleor_livesales.ids import uuid7
from saleor_livesales.visitors.models import Visitor, VisitorPass

from .conftest import CHANNEL, HOUR, NOW, PIECE, issue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop", "redis")]


def enter(
    code: Secret, *, visitor: uuid.UUID | None = None, network: str = "n", now: datetime.datetime = NOW
) -> redeem.Opened:
    return redeem.redeem(code=code, visitor_id=visitor or uuid7(), network=network, now=now)


def test_a_valid_code_opens_what_it_says_and_the_visitor_is_known_by_code():
    code, secret = issue(valid_until=NOW + HOUR)
    visitor = Visitor.objects.create(created_at=NOW, assurance="cookie")

    opened = enter(Secret(written(secret.reveal()).lower()), visitor=visitor.pk)

    assert opened.again is False
    found = VisitorPass.objects.get()
    assert (found.visitor_id, found.code_id, found.channel) == (visitor.pk, code.pk, CHANNEL)
    assert (found.opens_kind, found.opens_id, found.until) == ("piece", str(PIECE), NOW + HOUR)
    visitor.refresh_from_db()
    assert (visitor.assurance, visitor.user_id, visitor.name) == ("code", None, "")
    code.refresh_from_db()
    assert (code.uses, code.state) == (1, "used")
    log = list(CodeChange.objects.order_by("id").values_list("kind", "actor"))
    assert log == [("issued", "system"), ("used", f"visitor:{visitor.pk}"), ("used_up", f"visitor:{visitor.pk}")]


def test_who_is_signed_in_stays_signed_in():
    _, secret = issue()
    visitor = Visitor.objects.create(created_at=NOW, assurance="signed_in", user_id="VXNlcjox", name="Ada")
    enter(secret, visitor=visitor.pk)
    visitor.refresh_from_db()
    assert (visitor.assurance, visitor.user_id, visitor.name) == ("signed_in", "VXNlcjox", "Ada")


def test_entered_twice_by_the_same_visitor_it_counts_once_and_another_visitor_gets_nothing():
    code, secret = issue(max_uses=1)
    visitor = uuid7()
    first = enter(secret, visitor=visitor)
    second = enter(secret, visitor=visitor)
    assert (first.again, second.again, first.pass_.pk) == (False, True, second.pass_.pk)
    with pytest.raises(CodeRefused):
        enter(secret)
    code.refresh_from_db()
    assert (code.uses, VisitorPass.objects.count()) == (1, 1)


def wrong() -> Secret:
    issue()
    return make()


def mistyped() -> Secret:
    _, secret = issue()
    text = secret.reveal()
    return Secret(text[:-1] + ("0" if text[-1] != "0" else "1"))


def used() -> Secret:
    _, secret = issue()
    enter(secret, network="")
    return secret


def expired() -> Secret:
    return issue(valid_until=NOW)[1]


def marked_expired() -> Secret:
    code, secret = issue(valid_until=NOW - datetime.timedelta(minutes=5))
    assert actions.expire_due(now=NOW) == 1
    code.refresh_from_db()
    assert code.state == "expired"
    return secret


def revoked() -> Secret:
    code, secret = issue()
    actions.revoke(code_id=code.pk, actor="user:x", reason="lost", now=NOW)
    return secret


def too_early() -> Secret:
    return issue(valid_from=NOW + HOUR)[1]


def unissued() -> Secret:
    code, secret = issue()
    code.delete()
    return secret


NOTHING: list[Callable[[], Secret]] = [
    wrong,
    mistyped,
    used,
    expired,
    marked_expired,
    revoked,
    too_early,
    unissued,
    lambda: Secret(""),
    lambda: Secret("no code at all \0 \ud800 " * 20),
]


@pytest.mark.parametrize("prepare", NOTHING, ids=lambda prepare: prepare.__name__)
def test_what_opens_nothing_is_refused_in_the_same_words_with_the_same_work(prepare):
    secret = prepare()
    before = Visitor.objects.count(), VisitorPass.objects.count(), CodeChange.objects.count()

    with CaptureQueriesContext(connection) as queries, pytest.raises(CodeRefused) as refusal:
        enter(secret)

    assert (refusal.value.message, refusal.value.code, refusal.value.field) == (
        "This code is not valid. Check it and try again.",
        "CODE_REFUSED",
        "code",
    )
    kinds = [query["sql"].split()[0] + (" …" if "FOR NO KEY UPDATE" in query["sql"] else "") for query in queries]
    assert kinds == ["INSERT", "SELECT", "SAVEPOINT", "SELECT …", "SELECT", "ROLLBACK", "RELEASE", "INSERT"]
    assert (Visitor.objects.count(), VisitorPass.objects.count(), CodeChange.objects.count()) == before


def test_a_revoked_code_closes_what_it_opened():
    code, secret = issue(max_uses=None)
    visitor = uuid7()
    enter(secret, visitor=visitor)
    actions.revoke(code_id=code.pk, actor="user:x", reason="lost", now=NOW)
    assert VisitorPass.objects.get().revoked_at == NOW
    with pytest.raises(CodeRefused):
        enter(secret, visitor=visitor)


def test_a_visitor_mistypes_ten_times_and_then_waits():
    _, secret = issue()
    visitor = uuid7()
    for _ in range(10):
        with pytest.raises(CodeRefused):
            enter(make(), visitor=visitor)
    with pytest.raises(TooManyTries):
        enter(secret, visitor=visitor)
    assert VisitorPass.objects.count() == 0
    enter(secret)  # somebody else
    _, another = issue()
    enter(another, visitor=visitor, now=NOW + tries.WINDOW)


def test_an_office_of_200_people_behind_one_address_enters_its_codes():
    secrets = [issue()[1] for _ in range(200)]
    for secret in secrets:
        visitor = uuid7()
        for _ in range(3):
            with pytest.raises(CodeRefused):
                enter(make(), visitor=visitor, network="office")
        assert enter(secret, visitor=visitor, network="office").again is False


def test_a_network_that_tries_more_is_refused_and_no_other():
    _, secret = issue()
    limit = conf.load().code_tries_per_network
    enter(make_known := issue()[1], network="loud")
    CodeTries.objects.filter(bucket__startswith="network:").update(number=limit)
    with pytest.raises(TooManyTries):
        enter(secret, network="loud")
    assert enter(secret, network="quiet").again is False
    assert make_known is not secret


def test_who_knows_the_beginning_of_a_code_does_not_find_the_rest():
    _, secret = issue()
    start = secret.reveal()[:4]
    with pytest.raises(CodeRefused):
        enter(Secret(start + "0000000"))
    CodeTries.objects.filter(bucket__startswith="prefix:").update(number=conf.load().code_misses_per_prefix)
    with pytest.raises(TooManyTries):
        enter(secret)
    enter(issue()[1])  # another beginning


def test_right_codes_are_no_misses_so_an_ad_with_one_code_stays_open():
    _, secret = issue(max_uses=None)
    for _ in range(50):
        enter(secret)
    assert tries.misses(now=NOW) == 0
    assert not CodeTries.objects.filter(bucket__startswith="prefix:").exists()


def test_wrong_codes_that_begin_like_an_ads_do_not_close_it():
    """Everybody can read the beginning of a code in a newspaper, and try wrong ones with it."""
    _, shared = issue(max_uses=None)
    start = shared.reveal()[:4]
    with pytest.raises(CodeRefused):
        enter(Secret(start + "0000000"))
    full = conf.load().code_misses_per_prefix
    CodeTries.objects.filter(bucket__startswith="prefix:").update(number=full)
    visitor = uuid7()
    assert [enter(shared, visitor=visitor).again for _ in range(2)] == [False, True]
    with pytest.raises(TooManyTries):
        enter(Secret(start + "0000000"))
    assert CodeTries.objects.get(bucket__startswith="prefix:").number == full


def test_a_burst_is_told_once_and_refuses_nobody(caplog):
    enter_wrong = make()
    with pytest.raises(CodeRefused):
        enter(enter_wrong)
    CodeTries.objects.filter(bucket=tries.ALL).update(number=conf.load().code_alarm - 1)
    for _ in range(3):
        with pytest.raises(CodeRefused):
            enter(make())
    told = [record.getMessage() for record in caplog.records if "wrong sign-in codes" in record.getMessage()]
    assert told == ["Very many wrong sign-in codes: 5000 in a quarter of an hour."]
    assert tries.misses(now=NOW) == conf.load().code_alarm + 2
    assert enter(issue()[1]).again is False


def test_counts_name_no_address_and_are_forgotten():
    with pytest.raises(CodeRefused):
        enter(make(), network="c0a80001")
    assert not any("c0a80001" in bucket for bucket in CodeTries.objects.values_list("bucket", flat=True))
    assert tries.forget(now=NOW + HOUR) == 0
    assert tries.forget(now=NOW + 26 * HOUR) == 4
    assert CodeTries.objects.count() == 0


def test_without_keys_every_code_opens_nothing(monkeypatch):
    _, secret = issue()
    monkeypatch.setenv("LIVESALES_CODE_KEYS", "")
    conf.load.cache_clear()
    try:
        with pytest.raises(CodeRefused):
            enter(secret)
    finally:
        monkeypatch.undo()
        conf.load.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_guesses_open_nothing_and_keep_nobody_out():
    codes = [issue(max_uses=None) for _ in range(20)]
    networks = [f"botnet-{n}" for n in range(40)]  # below the limit of each: 250 guesses
    refused, waits = [], []

    def guess(part: int) -> None:
        for n in range(5000):
            try:
                enter(make(), network=networks[(part * 5000 + n) % 40])
            except CodeRefused:
                refused.append(1)
        connection.close()

    threads = [threading.Thread(target=guess, args=(part,)) for part in range(2)]
    for thread in threads:
        thread.start()
    entered = 0
    while any(thread.is_alive() for thread in threads):
        began = datetime.datetime.now()
        assert enter(codes[entered % 20][1], network="home").again is False
        waits.append((datetime.datetime.now() - began).total_seconds())
        entered += 1
        threads[0].join(0.1)
        if entered == 900:  # a home has its limit too
            break
    for thread in threads:
        thread.join()

    assert len(refused) == 10_000
    assert VisitorPass.objects.count() == entered == sum(Code.objects.values_list("uses", flat=True))
    assert entered > 20
    assert tries.misses(now=NOW) == 10_000
    assert sorted(waits)[len(waits) * 9 // 10] < 1.0


@pytest.mark.django_db(transaction=True)
def test_twenty_visitors_at_once_and_a_code_for_five():
    code, secret = issue(max_uses=5)
    opened, refused = [], []

    def visit() -> None:
        try:
            opened.append(enter(secret, network=""))
        except CodeRefused:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=visit) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code.refresh_from_db()
    assert (len(opened), len(refused), code.uses, code.state) == (5, 15, 5, "used")
    assert VisitorPass.objects.count() == 5
