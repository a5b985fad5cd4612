"""The HTTP side: Saleor's addresses, headers and malformed requests."""

from __future__ import annotations

import json

import pytest
from django.test import Client

ORIGIN = "http://shop.example"


def test_preflight(db, settings) -> None:
    settings.ALLOWED_GRAPHQL_ORIGINS = ["http://*.example"]
    answer = Client().options("/graphql/", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.content) == (200, b"")
    sent = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "content-length"}
    assert sent == {
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": (
            "Origin, Content-Type, Accept, Authorization, Source-Service-Name, Authorization-Bearer"
        ),
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-origin": ORIGIN,
        "access-control-max-age": "600",
        "vary": "Origin",
    }


def test_a_foreign_origin(db, settings) -> None:
    settings.ALLOWED_GRAPHQL_ORIGINS = ["http://*.example"]
    answer = Client().options("/graphql/", headers={"Origin": "http://evil.test"})
    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers
    posted = Client().post(
        "/graphql/",
        '{"query": "{ me { id } }"}',
        content_type="application/json",
        headers={"Origin": "http://evil.test"},
    )
    assert posted.status_code == 200
    assert "Access-Control-Allow-Origin" not in posted.headers


def test_an_allowed_origin(api) -> None:
    answer = api.post("{ me { id } }", Origin=ORIGIN)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Origin" not in api.post("{ me { id } }").headers


@pytest.mark.parametrize(
    "body, status, message",
    [
        (b"nonsense", 400, "Unable to parse query."),
        (b"[]", 400, "Unable to parse query."),
        (b"{}", 400, "Must provide a query string."),
        (b'{"query": 7}', 400, "Must provide a query string."),
        (b'{"query": "{"}', 400, "Syntax Error GraphQL (1:2) Expected Name, found EOF\n\n1: {\n    ^\n"),
        (b'{"query": "{ nothing }"}', 400, 'Cannot query field "nothing" on type "Query".'),
        (b'{"query": "' + b"x" * 1_100_000 + b'"}', 413, "Request body exceeds maximum size."),
    ],
)
def test_malformed_requests(db, body: bytes, status: int, message: str) -> None:
    answer = Client().post("/graphql/", body, content_type="application/json")
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["message"] == message
    assert error["extensions"]["exception"]["code"].endswith("Error")
    assert "data" not in answer.json()


def test_what_goes_wrong_inside_is_not_told(api, monkeypatch, caplog) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("sandbox.shop.graphql.apps.SiteSettings.load", broken)
    answer = api("{ shop { name } }")
    (error,) = answer["errors"]
    assert error["message"] == "Internal Server Error"
    assert error["extensions"] == {"exception": {"code": "RuntimeError"}}
    assert "a secret" not in json.dumps(answer)
    assert "a secret" in caplog.text


def test_the_page_says_what_it_is(db) -> None:
    answer = Client().get("/graphql/")
    assert answer.status_code == 200
    assert "This is the stand-in shop" in answer.content.decode()
    assert Client().put("/graphql/").status_code == 405


def test_health(db) -> None:
    assert Client().get("/health/").status_code == 200


def test_pictures(db) -> None:
    answer = Client().get("/media/desk-lamp.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg ")
    assert answer.content == Client().get("/media/desk-lamp.svg").content
    assert Client().get("/media/hall-mirror.svg").content != answer.content


def test_the_console_is_pinned_to_this_shop(sandbox_shop, settings) -> None:
    settings.FRAME_ANCESTORS = ["http://dashboard.example"]
    answer = Client().get("/plugins/saleor.livesales/console/?saleorApiUrl=https://evil.example/graphql/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<meta name="livesales-api" content="http://127.0.0.1:8000/graphql/">' in page
    assert "evil" not in page
    assert "frame-ancestors http://dashboard.example" in answer.headers["Content-Security-Policy"]


def test_the_widget_is_served(sandbox_shop) -> None:
    answer = Client().get("/plugins/saleor.livesales/livesales.js", headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert Client().get("/plugins/saleor.livesales/../settings.py").status_code == 404
    assert Client().get("/plugins/saleor.livesales/nothing.js").status_code == 404


def test_the_redirect_to_the_console_keeps_what_the_dashboard_asked(sandbox_shop) -> None:
    # The Dashboard cuts the slash off the App's address before it adds its query.
    answer = Client().get("/plugins/saleor.livesales/console?id=QXBwOjE%3D&theme=dark")
    assert (answer.status_code, answer["Location"]) == (308, "console/?id=QXBwOjE%3D&theme=dark")
