"""The HTTP side: CORS, malformed requests, the shape of errors, and what is served for the plugin."""

from __future__ import annotations

import gzip

import pytest

from .client import PLUGIN, Api

FOLDER = f"/plugins/{PLUGIN}"


def preflight(api: Api, origin: str, path: str = "/graphql/"):
    return api.http(
        "OPTIONS",
        path,
        Origin=origin,
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type",
    )


def test_the_preflight_of_a_storefront(api: Api):
    answer = preflight(api, api.origin)
    assert (answer.status, answer.body) == (200, b"")
    headers = {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}
    assert headers == {
        "access-control-allow-origin": api.origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": (
            "Origin, Content-Type, Accept, Authorization, Source-Service-Name, Authorization-Bearer"
        ),
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-max-age": "600",
    }
    assert answer.headers["vary"] == "Origin"


def test_the_preflight_of_another_page(api: Api):
    answer = preflight(api, "http://evil.test")
    assert answer.status == 400
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("allowed", [True, False])
def test_the_answer_to_a_page(api: Api, allowed):
    origin = api.origin if allowed else "http://evil.test"
    answer = api.post({"query": "{ shop { name } }"}, Origin=origin)
    assert answer.status == 200
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["content-type"] == "application/json"


# What is not a query


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Unable to parse query."),
        (b"{", "Unable to parse query."),
        (b"\xff\xfe", "Unable to parse query."),
        (b"{}", "Must provide a query string."),
        (b'{"query": ""}', "Must provide a query string."),
        (b'{"query": null}', "Must provide a query string."),
    ],
)
def test_a_body_that_is_no_query(api: Api, body, message):
    answer = api.post(body)
    assert answer.status == 400
    (error,) = answer.json["errors"]
    assert error["message"] == message
    assert error["extensions"]["exception"]["code"] == "GraphQLError"
    assert "data" not in answer.json


@pytest.mark.parametrize(
    ("query", "start"),
    [
        ("{", "Syntax Error GraphQL (1:2)"),
        ("{ nosuchfield }", 'Cannot query field "nosuchfield" on type "Query".'),
        (
            'mutation { liveOfferDecline(id: "x", ticket: "y") }',
            'Field "liveOfferDecline" of type "LiveOfferDecline" must have a sub selection.',
        ),
        ("query($x: NoSuchType) { shop { name } }", 'Unknown type "NoSuchType".'),
    ],
)
def test_a_query_that_is_not_valid(api: Api, query, start):
    answer = api.ask(query)
    assert answer.status == 400
    assert answer.json["errors"][0]["message"].startswith(start)
    assert answer.json["errors"][0]["extensions"]["exception"]["code"] in ("GraphQLError", "GraphQLSyntaxError")
    assert "data" not in answer.json


def test_a_variable_of_another_type(api: Api):
    query = 'query($first: Int) { products(first: $first, channel: "default-channel") { totalCount } }'
    answer = api.ask(query, first="many")
    assert answer.status == 400
    assert "data" not in answer.json
    (error,) = answer.json["errors"]
    assert error["message"] == "could not convert string to float: 'many'"
    assert error["extensions"]["exception"]["code"] == "GraphQLError"
    query = "mutation($c: Int) { liveRepPresenceUpdate(input: {status: OFFLINE, capacity: $c}) { errors { code } } }"
    answer = api.ask(query, c=2**40)
    assert answer.status == 400
    (error,) = answer.json["errors"]
    assert error["message"] == "Int cannot represent non 32-bit signed integer value: 1099511627776"
    missing = "query($id: ID!) { liveSession(id: $id) { id } }"
    assert api.ask(missing).status == 400


def test_get_is_no_query(api: Api):
    answer = api.http("GET", "/graphql/?query={shop{name}}")
    assert b'"data"' not in answer.body
    assert api.http("PUT", "/graphql/", b"{}").status == 405


def test_the_shape_of_a_refusal(api: Api):
    """Ours and the shop's own look the same."""
    needs = "To access this path, you need one of the following permissions:"
    ours = api.ask("{ liveReps(first: 1) { totalCount } }")
    theirs = api.ask("{ appExtensions(first: 1) { totalCount } }")
    assert (ours.status, theirs.status) == (200, 200)
    for answer, name, wanted in (
        (ours, "liveReps", "HANDLE_LIVE_SALES, MANAGE_LIVE_SALES"),
        (theirs, "appExtensions", "AUTHENTICATED_STAFF_USER, AUTHENTICATED_APP"),
    ):
        assert answer.json["data"] == {name: None}
        (error,) = answer.json["errors"]
        assert error["message"] == f"{needs} {wanted}"
        assert error["path"] == [name]
        assert error["locations"] == [{"line": 1, "column": 3}]
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"


# What is served for the plugin


def test_the_widget(api: Api):
    answer = api.http("GET", f"{FOLDER}/livesales.js", Origin=api.origin)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == api.origin
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300, must-revalidate"
    assert int(answer.headers["content-length"]) == len(answer.body) > 1000
    again = api.http("GET", f"{FOLDER}/livesales.js", If_None_Match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = api.http("HEAD", f"{FOLDER}/livesales.js")
    assert (head.status, head.headers["content-length"], head.body) == (200, str(len(answer.body)), b"")
    packed = api.http("GET", f"{FOLDER}/livesales.js", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == answer.body


@pytest.mark.parametrize("page", ["console/", "console/settings", "console/?saleorApiUrl=https://evil.test/graphql/"])
def test_the_console_is_pinned_and_framed_by_the_dashboard_alone(api: Api, page):
    answer = api.http("GET", f"{FOLDER}/{page}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<meta name="livesales-api" content="{api.root}/graphql/">'.encode() in answer.body
    assert b"evil.test" not in answer.body
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    dashboard = api.stack.urls["console"].rstrip("/")
    assert policy["frame-ancestors"].split() == [dashboard, dashboard.replace("127.0.0.1", "localhost")]
    assert "x-frame-options" not in answer.headers


def test_the_console_without_its_slash(api: Api):
    answer = api.http("GET", f"{FOLDER}/console")
    assert (answer.status, answer.headers["location"]) == (308, "console/")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nothing.js",
        "assets/",
        "manifest.json",
        "../conf.py",
        "../../setup.cfg",
        "console/../../apps.py",
        "%2e%2e/conf.py",
        "..%2fconf.py",
        "..%5cconf.py",
        "console/%2e%2e/%2e%2e/models.py",
        "%2fetc%2fpasswd",
        "livesales.js%00.png",
        "livesales.js/",
        "x" * 3000 + ".js",
        ".git/config",
    ],
)
def test_nothing_else_is_served(api: Api, path):
    answer = api.http("GET", f"{FOLDER}/{path}")
    assert answer.status in (400, 404)
    assert b"import" not in answer.body
    assert b"root:" not in answer.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["livesales.js", "console/"])
def test_other_methods_are_refused(api: Api, method, path):
    answer = api.http(method, f"{FOLDER}/{path}", b"x=1")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
