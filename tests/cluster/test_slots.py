"""How keys are divided: the values are those of the cluster specification and of `CLUSTER KEYSLOT`."""

import pytest

from saleor_livesales import slots
from saleor_livesales.cluster import key_of


@pytest.mark.parametrize(
    ("key", "number"),
    [(b"123456789", 12739), (b"foo", 12182), (b"{user1000}.following", 3443), (b"{user1000}.followers", 3443),
     (b"foo{}{bar}", 8363), (b"foo{{bar}}zap", 4015), (b"foo{bar}{zap}", 5061), (b"", 0)],
)  # fmt: skip
def test_the_slot_of_a_key(key, number):
    assert slots.slot(key) == number


def test_slots_are_those_that_redis_computes(cluster):
    client = cluster.masters[0].client
    for key in (b"ls:events:3", b"ls:visitor:0192", b"{}x", b"a{b", b"a}b{c}", b"{x}{y}"):
        assert slots.slot(key) == client.execute_command("CLUSTER KEYSLOT", key)


def test_a_map_names_the_masters():
    reply = [[0, 99, [b"10.0.0.1", 6379, b"id"], [b"10.0.0.9", 6379, b"id"]], [100, 16383, [b"", 7000, b"id", []]]]
    assert list(slots.owners(reply, asked="10.0.0.2")) == [
        (range(100), ("10.0.0.1", 6379)),
        (range(100, 16384), ("10.0.0.2", 7000)),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "address"),
    [
        ("MOVED 3999 127.0.0.1:6381", "MOVED", ("127.0.0.1", 6381)),
        ("ASK 3999 redis-1.example:6381", "ASK", ("redis-1.example", 6381)),
        ("MOVED 3999 ::1:6381", "MOVED", ("::1", 6381)),
        ("MOVED 3999 :6381", "MOVED", ("here", 6381)),
    ],
)
def test_a_redirection(text, kind, address):
    assert slots.redirection(text, asked="here") == (kind, address)


@pytest.mark.parametrize("text", ["CLUSTERDOWN Hash slot not served", "MOVED", "MOVED 1 x", "ERR"])
def test_other_errors_are_no_redirection(text):
    assert slots.redirection(text, asked="here") is None


def test_another_nodes_address_has_the_same_password():
    assert slots.node_url("rediss://user:p%40ss@a.example:6379/0?x=1", ("b.example", 7000)) == (
        "rediss://user:p%40ss@b.example:7000/0?x=1"
    )
    assert slots.node_url("redis://a", ("::1", 7000)) == "redis://[::1]:7000"


def test_the_key_of_a_command():
    assert key_of(("SET", "ls:x", 1)) == b"ls:x"
    assert key_of(("XREADGROUP", b"GROUP", "g", "c", b"COUNT", 5, b"STREAMS", "ls:events:1", ">")) == b"ls:events:1"
