"""From which network a socket comes, and who is believed about it."""

import ipaddress

import pytest

from saleor_livesales import conf
from saleor_livesales.networks import Proxies, network, parse

PROXY, BALANCER = "203.0.113.7", "203.0.113.8"


def client(peer, *forwarded, trusted=(PROXY, "203.0.113.8/31", "10.0.0.0/8", "::1")):
    found = Proxies(trusted).client(peer, forwarded)
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["192.0.2.9"], "198.51.100.1"),  # no proxy of ours: anybody can write that header
        (PROXY, ["192.0.2.9"], "192.0.2.9"),
        (PROXY, ["1.2.3.4, 192.0.2.9"], "192.0.2.9"),  # what was there before our proxy is not believed
        (PROXY, ["1.2.3.4", "192.0.2.9"], "192.0.2.9"),  # nor in a header of its own
        (PROXY, ["nonsense, 192.0.2.9"], "192.0.2.9"),
        (PROXY, [f"192.0.2.9, {BALANCER}"], "192.0.2.9"),
        (PROXY, [f"1.2.3.4, 192.0.2.9 ,{BALANCER},10.1.2.3"], "192.0.2.9"),
        (PROXY, ["2001:db8::1"], "2001:db8::1"),
        (PROXY, ["[2001:db8::1]:443"], "2001:db8::1"),
        (PROXY, ["192.0.2.9:51234"], "192.0.2.9"),
        (PROXY, ["::ffff:192.0.2.9"], "192.0.2.9"),
        ("::ffff:203.0.113.7", ["192.0.2.9"], "192.0.2.9"),
        ("::1", ["192.0.2.9"], "192.0.2.9"),
        ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),  # all within the company
        (PROXY, [], None),
        (PROXY, [""], None),
        (PROXY, ["unknown"], None),
        (PROXY, [f"unknown, {BALANCER}"], None),
        ("not an address", [], None),
    ],
)
def test_the_client_is_whom_the_last_trusted_proxy_saw(peer, forwarded, expected):
    assert client(peer, *forwarded) == expected


def test_without_trusted_proxies_the_other_end_is_the_client():
    assert client("127.0.0.1", "192.0.2.9", trusted=()) == "127.0.0.1"


def test_a_long_header_is_read_from_its_end():
    header = "1.1.1.1, " * 5000 + "192.0.2.9"

    assert client(PROXY, header) == "192.0.2.9"
    assert client(PROXY, "192.0.2.9" + f", {BALANCER}" * 100) == BALANCER


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_an_ipv6_network_is_64_bits_and_an_ipv4_one_an_address(one, other, same):
    assert (network(parse(one)) == network(parse(other))) is same


def test_by_default_proxies_of_this_host_and_of_private_networks_are_trusted():
    proxies = Proxies(conf.PRIVATE_NETWORKS)

    for peer in ("127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "fd00::1"):
        assert proxies.client(peer, ["198.51.100.1"]) == ipaddress.ip_address("198.51.100.1")
    for peer in ("172.32.0.1", "8.8.8.8", "2001:db8::1"):
        assert proxies.client(peer, ["198.51.100.1"]) == ipaddress.ip_address(peer)


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1/8", "10.0.0.0/33"])
def test_what_is_no_address_is_told(value):
    environ = {
        "DATABASE_URL": "postgres://x@127.0.0.1/x",
        "REDIS_URL": "redis://127.0.0.1",
        "LIVESALES_SIGNING_KEYS": "k:" + "s" * 48,
    }

    with pytest.raises(conf.Misconfigured, match="LIVESALES_TRUSTED_PROXIES"):
        conf.from_environ({**environ, "LIVESALES_TRUSTED_PROXIES": value})
    with pytest.raises(conf.Misconfigured, match="LIVESALES_GATEWAY_TRANSPORT must be picows or asgi"):
        conf.from_environ({**environ, "LIVESALES_GATEWAY_TRANSPORT": "carrier pigeon"})
    assert conf.from_environ({**environ, "LIVESALES_TRUSTED_PROXIES": ""}).trusted_proxies == ()
