"""Digests and seals: what stands in the database helps nobody who has the database alone."""

from __future__ import annotations

import uuid

import pytest

from saleor_livesales import conf
from saleor_livesales.codes import actions, redeem, rotation
from saleor_livesales.codes.alphabet import Secret, make
from saleor_livesales.codes.keys import CodesNotConfigured, Keyring, Unsealable
from saleor_livesales.codes.models import Code, CodeChange, CodeDelivery
from saleor_livesales.ids import uuid7

from .conftest import HOUR, NOW, issue, plain

ONE, TWO = {"a": "1" * 32}, {"b": "2" * 32}


@pytest.fixture
def keys(monkeypatch):
    """``keys(codes="…", delivery="…")`` sets the deployment's keys."""

    def set_(codes: str, delivery: str) -> None:
        monkeypatch.setenv("LIVESALES_CODE_KEYS", codes)
        monkeypatch.setenv("LIVESALES_DELIVERY_KEYS", delivery)
        conf.load.cache_clear()

    yield set_
    monkeypatch.undo()
    conf.load.cache_clear()


def test_a_digest_depends_on_key_and_code_and_not_on_how_the_code_is_typed():
    ring = Keyring(ONE, TWO)
    key_id, digest = ring.digest(Secret("0123456789H"))
    assert (key_id, len(digest)) == ("a", 32)
    assert ring.digest(Secret("o123-4567-89h"))[1] == digest
    assert ring.digest(Secret("0123456789J"))[1] != digest
    assert Keyring(TWO, TWO).digest(Secret("0123456789H"))[1] != digest
    assert Keyring(TWO | ONE, TWO).digests(Secret("0123456789H"))[1] == digest


def test_a_seal_opens_with_its_key_for_its_row_alone():
    ring, row = Keyring(ONE, TWO), uuid.UUID(int=1)
    code = make()
    key_id, sealed = ring.seal(code, code_id=row)
    assert code.reveal().encode() not in sealed
    assert ring.seal(code, code_id=row)[1] != sealed
    assert ring.unseal(key_id, sealed, code_id=row).reveal() == code.reveal()
    for other, text, pk in (
        (ring, sealed, uuid.UUID(int=2)),
        (ring, sealed[:-1] + b"\0", row),
        (ring, b"", row),
        (Keyring(ONE, {"b": "3" * 32}), sealed, row),
        (Keyring(ONE, ONE), sealed, row),
    ):
        with pytest.raises(Unsealable):
            other.unseal(key_id, text, code_id=pk)


def test_the_same_secret_for_both_makes_two_keys():
    ring = Keyring(ONE, ONE)
    assert ring._digest["a"] not in (ONE["a"].encode(), b"") and ring._digest["a"] != ring.bucket("x", "y").encode()


@pytest.mark.django_db
def test_no_column_holds_a_code(shop):
    code, secret = issue()
    for row in (*Code.objects.values(), *CodeDelivery.objects.values(), *CodeChange.objects.values()):
        for name, value in row.items():
            text = bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)
            assert secret.reveal() not in text and secret.reveal().encode().hex() not in text, name
    assert code.hint == secret.reveal()[-2:]


@pytest.mark.django_db
def test_issuing_without_keys_leaves_nothing(shop, keys):
    for codes, delivery in (("", "d1:" + "d" * 48), ("c1:" + "c" * 48, "")):
        keys(codes, delivery)
        with pytest.raises(CodesNotConfigured):
            issue()
    assert Code.objects.count() == 0


@pytest.mark.django_db
def test_delivered_codes_can_be_read_by_nobody(shop):
    code, _ = issue()
    assert actions.delivered(code_ids=[code.pk], actor="user:1", reason="printed", now=NOW) == 1
    assert actions.delivered(code_ids=[code.pk], actor="user:1", reason="printed", now=NOW) == 0
    assert CodeDelivery.objects.count() == 0
    assert actions.readable(code_ids=[code.pk]) == {}
    assert list(CodeChange.objects.order_by("id").values_list("kind", "reason")) == [
        ("issued", ""),
        ("delivered", "printed"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("ended", ["revoked", "expired"])
def test_what_ends_a_code_ends_its_delivery(shop, ended):
    code, _ = issue(valid_until=NOW + HOUR)
    if ended == "revoked":
        actions.revoke(code_id=code.pk, actor="user:1", reason="", now=NOW)
    else:
        actions.expire_due(now=NOW + HOUR)
    assert CodeDelivery.objects.count() == 0
    code.refresh_from_db()
    assert code.state == ended


@pytest.mark.django_db
def test_rotation_moves_what_can_be_read_and_says_what_hangs_on_the_old_key(shop, redis, keys):
    delivered, known = issue()
    actions.delivered(code_ids=[delivered.pk], actor="system", reason="", now=NOW)
    waiting, secret = issue()
    keys(f"c2:{'e' * 48},c1:{'c' * 48}", f"d2:{'f' * 48},d1:{'d' * 48}")

    assert rotation.rotate() == 1
    assert rotation.rotate() == 0

    told = [(use.kind, use.key_id, use.rows, use.state) for use in rotation.uses()]
    assert told == [
        ("code", "c2", 1, "in use"),
        ("code", "c1", 1, "still valid"),
        ("delivery", "d2", 1, "in use"),
        ("delivery", "d1", 0, "still valid"),
    ]
    assert plain(waiting).reveal() == secret.reveal()
    for code in (known, secret):
        assert redeem.redeem(code=code, visitor_id=uuid7(), network="", now=NOW).again is False

    keys(f"c2:{'e' * 48}", f"d2:{'f' * 48}")
    assert [(use.key_id, use.state) for use in rotation.uses() if use.kind == "code"] == [
        ("c2", "in use"),
        ("c1", "missing"),
    ]
    with pytest.raises(redeem.CodeRefused):
        redeem.redeem(code=known, visitor_id=uuid7(), network="", now=NOW)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LIVESALES_CODE_KEYS", "a:short", "LIVESALES_CODE_KEYS: the key 'a' is shorter than 32 bytes."),
        (
            "LIVESALES_DELIVERY_KEYS",
            "nocolon",
            "LIVESALES_DELIVERY_KEYS must be 'id:secret' pairs, separated by commas.",
        ),
        (
            "LIVESALES_CODE_KEYS",
            ",".join(f"{key}:{key * 40}" for key in "abc"),
            "LIVESALES_CODE_KEYS has 3 keys. Two may be valid at once: the one in use and the last one.",
        ),
    ],
)
def test_wrong_keys_are_told_without_the_key(name, value, told, monkeypatch):
    import os

    with pytest.raises(conf.Misconfigured) as error:
        conf.from_environ({**os.environ, name: value})
    assert str(error.value) == told


def test_keys_come_from_a_file_and_are_not_printed(tmp_path):
    import os

    path = tmp_path / "keys"
    path.write_text(f"a:{'x' * 40}\n")
    environ = {name: value for name, value in os.environ.items() if name != "LIVESALES_CODE_KEYS"}
    settings = conf.from_environ({**environ, "LIVESALES_CODE_KEYS_FILE": str(path)})
    assert settings.code_keys == {"a": "x" * 40}
    assert "x" * 40 not in repr(settings)
