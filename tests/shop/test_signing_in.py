"""Accounts, their tokens, and the token that the Dashboard hands to our pages."""

from __future__ import annotations

import time

import jwt
import pytest

from .client import PLUGIN, Api

ME = "{ me { email firstName lastName isStaff isActive userPermissions { code } } }"
REFRESH = """mutation($token: String) { tokenRefresh(refreshToken: $token) {
  token user { email } errors { field message code } } }"""
VERIFY = """mutation($token: String!) { tokenVerify(token: $token) {
  isValid user { email } payload errors { field message code } } }"""
RENEW = "Invalid token. Create new one by using tokenCreate mutation."


def sign_in(api: Api, email: str, password: str = "password"):
    return api.sign_in(email, password)


def test_a_token_and_what_it_holds(api: Api):
    answer = sign_in(api, "rep@example.com")
    assert answer["errors"] == []
    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    user = api.only("{ me { id } }", answer["token"])
    assert claims.pop("exp") - claims.pop("iat") == 300
    assert len(claims.pop("token")) == 12
    assert claims == {
        "owner": "saleor",
        "iss": f"{api.root}/graphql/",
        "email": "rep@example.com",
        "type": "access",
        "user_id": user["id"],
        "is_staff": True,
    }
    refresh = jwt.decode(answer["refreshToken"], options={"verify_signature": False})
    assert (refresh["type"], refresh["exp"] - refresh["iat"]) == ("refresh", 30 * 24 * 3600)


def test_the_key_set_verifies_it(api: Api):
    served = api.http("GET", "/.well-known/jwks.json")
    assert served.status == 200
    token = api.token("rep")
    kid = jwt.get_unverified_header(token)["kid"]
    assert [(key["kid"], key["alg"], key["use"]) for key in served.json["keys"]] == [(kid, "RS256", "sig")]
    key = jwt.PyJWKSet.from_dict(served.json)[kid]
    assert jwt.decode(token, key, algorithms=["RS256"])["email"] == "rep@example.com"


@pytest.mark.parametrize(
    ("email", "password"), [("rep@example.com", "wrong"), ("nobody@example.com", "password"), ("", "")]
)
def test_wrong_credentials(api: Api, email, password):
    assert sign_in(api, email, password) == {
        "token": None,
        "refreshToken": None,
        "errors": [{"field": "email", "message": "Please, enter valid credentials", "code": "INVALID_CREDENTIALS"}],
    }


def test_who_is_asking(api: Api):
    assert api.data(ME) == {"me": None}
    assert api.data(ME, api.token("noperm")) == {
        "me": {
            "email": "noperm@example.com",
            "firstName": "Nils",
            "lastName": "Noperm",
            "isStaff": True,
            "isActive": True,
            "userPermissions": [],
        }
    }
    codes = [entry["code"] for entry in api.only(ME, api.token("owner"))["userPermissions"]]
    assert sorted(codes) == ["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"]
    assert api.only(ME, api.token("shopper"))["isStaff"] is False


@pytest.mark.parametrize(("name", "word"), [("Authorization", "JWT "), ("Authorization_Bearer", "")])
def test_other_headers_for_the_token(api: Api, name, word):
    answer = api.post({"query": "{ me { email } }"}, **{name: word + api.token("rep")})
    assert answer.json["data"] == {"me": {"email": "rep@example.com"}}


@pytest.mark.parametrize("shown", ["not a token", "a.b.c", jwt.encode({"owner": "somebody"}, "k" * 32)])
def test_what_is_no_token_of_the_shop_is_nobodys(api: Api, shown):
    answer = api.ask("{ me { email } }", shown)
    assert (answer.status, answer.json["data"]) == (200, {"me": None})
    assert "errors" not in answer.json


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"exp": 1600000000}, "ExpiredSignatureError", "Signature has expired"),
        ({"type": "refresh"}, "InvalidTokenError", RENEW),
        ({"type": "other"}, "InvalidTokenError", RENEW),
        ({"token": "stolenkeyxxx"}, "InvalidTokenError", RENEW),
        ({"token": ""}, "InvalidTokenError", RENEW),
        ({"email": "gone@example.com"}, "InvalidTokenError", "Invalid token. User does not exist or is inactive."),
    ],
    ids=str,
)
def test_a_token_that_is_no_longer_good(api: Api, changes, code, message):
    answer = api.ask("{ me { email } }", api.forge(api.token("rep"), **changes))
    assert answer.refusal == (code, message)
    assert answer.status == 200
    assert answer.json["errors"][0]["path"] == ["me"]


def test_a_token_of_another_key(api: Api, other_key):
    assert api.ask("{ me { email } }", api.forge(api.token("rep"), key=other_key)).refusal[0] == "InvalidSignatureError"
    claims = jwt.decode(api.token("rep"), options={"verify_signature": False})
    for unsigned in (jwt.encode(claims, None, algorithm="none"), jwt.encode(claims, "k" * 32, algorithm="HS256")):
        assert api.ask("{ me { email } }", unsigned).json["data"] == {"me": None}


def test_refresh(api: Api):
    answer = sign_in(api, "shopper@example.com")
    fresh = api.only(REFRESH, token=answer["refreshToken"])
    assert (fresh["errors"], fresh["user"]) == ([], {"email": "shopper@example.com"})
    assert api.only("{ me { email } }", fresh["token"]) == {"email": "shopper@example.com"}


@pytest.mark.parametrize(
    ("shown", "message", "code"),
    [
        (None, "Missing refreshToken", "JWT_MISSING_TOKEN"),
        ("access", "Incorrect refreshToken", "JWT_INVALID_TOKEN"),
        ("a.b.c", "Error decoding signature", "JWT_DECODE_ERROR"),
        ("", "Error decoding signature", "JWT_DECODE_ERROR"),
    ],
)
def test_refused_refresh(api: Api, shown, message, code):
    token = api.token("shopper") if shown == "access" else shown
    answer = api.only(REFRESH, token=token)
    assert answer == {
        "token": None,
        "user": None,
        "errors": [{"field": "refreshToken", "message": message, "code": code}],
    }


def test_verify(api: Api):
    token = api.token("shopper")
    answer = api.only(VERIFY, token=token)
    assert answer.pop("payload") == jwt.decode(token, options={"verify_signature": False})
    assert answer == {"isValid": True, "user": {"email": "shopper@example.com"}, "errors": []}
    refused = {"isValid": False, "user": None, "payload": None}
    assert api.only(VERIFY, token="a.b.c") == {
        **refused,
        "errors": [{"field": "token", "message": "Error decoding signature", "code": "JWT_DECODE_ERROR"}],
    }
    expired = api.forge(token, exp=1600000000)
    assert api.only(VERIFY, token=expired) == {
        **refused,
        "errors": [{"field": "token", "message": "Signature has expired", "code": "JWT_SIGNATURE_EXPIRED"}],
    }


# Our pages in the Dashboard


def test_our_pages_in_the_dashboard(api: Api):
    pages = api.extensions("owner")
    desk, settings = pages["Live sales desk"], pages["Live sales settings"]
    app = desk["app"]
    assert (app["identifier"], app["appUrl"]) == (PLUGIN, f"{api.root}/plugins/{PLUGIN}/console/")
    common = {"mountName": "NAVIGATION_CUSTOMERS", "targetName": "APP_PAGE", "app": app}
    for page in (desk, settings):
        assert page.pop("id")
        assert page.pop("accessToken")
    assert desk == {
        "label": "Live sales desk",
        "url": "/desk",
        "permissions": [{"code": "HANDLE_LIVE_SALES"}],
        **common,
    }
    assert settings == {
        "label": "Live sales settings",
        "url": "/settings",
        "permissions": [{"code": "MANAGE_LIVE_SALES"}],
        **common,
    }


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("rep", ["Live sales desk"]),
        ("rep2", ["Live sales desk"]),
        ("owner", ["Live sales desk", "Live sales settings"]),
        ("noperm", []),
    ],
)
def test_a_frames_token_is_for_who_has_all_of_its_rights(api: Api, name, labels):
    assert sorted(label for label, page in api.extensions(name).items() if page["accessToken"]) == labels


@pytest.mark.parametrize(
    ("name", "label", "permissions", "held"),
    [
        ("rep", "Live sales desk", ["HANDLE_LIVE_SALES"], ["HANDLE_LIVE_SALES"]),
        ("rep2", "Live sales desk", ["HANDLE_LIVE_SALES"], ["HANDLE_LIVE_SALES"]),
        ("owner", "Live sales desk", ["HANDLE_LIVE_SALES"], ["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"]),
        ("owner", "Live sales settings", ["MANAGE_LIVE_SALES"], ["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"]),
    ],
)
def test_what_a_frames_token_holds(api: Api, name, label, permissions, held):
    page = api.extensions(name)[label]
    claims = jwt.decode(page["accessToken"], options={"verify_signature": False})
    user = api.only("{ me { id } }", api.token(name))
    assert abs(claims.pop("iat") - time.time()) < 30
    assert abs(claims.pop("exp") - time.time() - 300) < 30
    assert len(claims.pop("token")) == 12
    assert sorted(claims.pop("user_permissions")) == held
    assert claims == {
        "owner": "saleor",
        "iss": f"{api.root}/graphql/",
        "aud": f"{api.root}/plugins/{PLUGIN}",
        "email": f"{name}@example.com",
        "type": "thirdparty",
        "user_id": user["id"],
        "is_staff": True,
        "app": page["app"]["id"],
        "app_extension": page["id"],
        "permissions": permissions,
    }


def test_a_frames_token_says_who_its_user_is(api: Api):
    frame = api.frame_token("owner")
    assert api.only(ME, frame)["email"] == "owner@example.com"


def test_only_staff_sees_the_pages(api: Api):
    query = "{ appExtensions(first: 1) { edges { node { id } } } }"
    for token in (None, api.token("shopper")):
        code, message = api.ask(query, token).refusal
        assert code == "PermissionDenied"
        assert message == (
            "To access this path, you need one of the following permissions: "
            "AUTHENTICATED_STAFF_USER, AUTHENTICATED_APP"
        )
