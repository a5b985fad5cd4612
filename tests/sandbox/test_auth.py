"""Signing in, and what the tokens hold."""

from __future__ import annotations

import base64
import datetime
import json

import jwt
import pytest
from django.contrib.auth.models import Group
from django.test import Client

from saleor_livesales.ids import to_global_id
from sandbox.shop import auth, keys
from sandbox.shop.models import User

CREATE = """mutation($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) {
    token refreshToken user { email } errors { field message code } accountErrors { code } } }"""
ME = "{ me { email } }"
REFRESH = "mutation($token: String) { tokenRefresh(refreshToken: $token) { token errors { field message code } } }"
VERIFY = """mutation($token: String!) { tokenVerify(token: $token) {
  isValid user { email } payload errors { field message code } } }"""


def create(api, email: str, password: str = "password"):
    return api.data(CREATE, {"email": email, "password": password})["tokenCreate"]


def test_a_token_holds_what_saleors_holds(api) -> None:
    answer = create(api, "rep@example.com")
    assert answer["errors"] == answer["accountErrors"] == []
    assert answer["user"] == {"email": "rep@example.com"}
    claims = jwt.decode(answer["token"], keys.public_key(), algorithms=["RS256"])
    user = User.objects.get(email="rep@example.com")
    assert claims.pop("exp") - claims.pop("iat") == 300
    assert claims == {
        "owner": "saleor",
        "iss": "http://127.0.0.1:8000/graphql/",
        "token": user.jwt_token_key,
        "email": "rep@example.com",
        "type": "access",
        "user_id": to_global_id("User", user.pk),
        "is_staff": True,
    }


def test_the_key_set_verifies_it(api) -> None:
    token = create(api, "rep@example.com")["token"]
    served = Client().get("/.well-known/jwks.json").json()
    assert {**served["keys"][0], "n": None} == {
        "kty": "RSA", "key_ops": ["verify"], "e": "AQAB", "n": None, "use": "sig", "alg": "RS256", "kid": keys.key_id(),
    }  # fmt: skip
    assert jwt.get_unverified_header(token)["kid"] == keys.key_id()
    key = jwt.PyJWKSet.from_dict(served)[keys.key_id()]
    assert jwt.decode(token, key, algorithms=["RS256"])["email"] == "rep@example.com"


@pytest.mark.parametrize("email, password", [("rep@example.com", "wrong"), ("nobody@example.com", "password")])
def test_wrong_credentials(api, email: str, password: str) -> None:
    answer = create(api, email, password)
    assert answer["errors"] == [
        {"field": "email", "message": "Please, enter valid credentials", "code": "INVALID_CREDENTIALS"}
    ]
    assert answer["accountErrors"] == [{"code": "INVALID_CREDENTIALS"}]
    assert (answer["token"], answer["refreshToken"], answer["user"]) == (None, None, None)


def test_inactive_account(api) -> None:
    User.objects.filter(email="rep@example.com").update(is_active=False)
    assert create(api, "rep@example.com")["errors"] == [
        {"field": "email", "message": "Account inactive.", "code": "INACTIVE"}
    ]


@pytest.mark.parametrize(
    "header, word", [("Authorization", "Bearer "), ("Authorization", "JWT "), ("Authorization-Bearer", "")]
)
def test_both_headers(api, token, header: str, word: str) -> None:
    assert api(ME, **{header.replace("-", "_"): word + token("rep")}) == {"data": {"me": {"email": "rep@example.com"}}}


def test_nobody(api) -> None:
    assert api(ME) == {"data": {"me": None}}
    assert api(ME, token="not a token") == {"data": {"me": None}}
    foreign = jwt.encode({"owner": "somebody", "email": "rep@example.com"}, "k" * 32)
    assert api(ME, token=foreign) == {"data": {"me": None}}


def refused(answer) -> tuple[str, str]:
    assert answer["data"] == {"me": None}
    (error,) = answer["errors"]
    assert error["path"] == ["me"]
    return error["message"], error["extensions"]["exception"]["code"]


def test_refused_tokens(api, token) -> None:
    good = token("rep")
    user = User.objects.get(email="rep@example.com")
    claims = auth.decode(good)
    signed = {"key": keys.private_key(), "algorithm": "RS256"}
    expired = jwt.encode({**claims, "exp": datetime.datetime(2020, 1, 1)}, **signed)
    assert refused(api(ME, token=expired)) == ("Signature has expired", "ExpiredSignatureError")
    head, _, signature = good.split(".")
    forged = json.dumps({**claims, "email": "owner@example.com"}).encode()
    altered = f"{head}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}.{signature}"
    assert refused(api(ME, token=altered))[1] == "InvalidSignatureError"
    assert refused(api(ME, token=auth.refresh_token(user))) == (auth.RENEW, "InvalidTokenError")
    unsigned = jwt.encode(claims, "k" * 32, algorithm="HS256")
    assert refused(api(ME, token=unsigned))[1] == "InvalidAlgorithmError"


def test_a_changed_key_ends_the_tokens(api, token) -> None:
    good = token("rep")
    User.objects.filter(email="rep@example.com").update(jwt_token_key="other")
    assert refused(api(ME, token=good)) == (auth.RENEW, "InvalidTokenError")


def test_refresh(api) -> None:
    answer = create(api, "shopper@example.com")
    fresh = api.data(REFRESH, {"token": answer["refreshToken"]})["tokenRefresh"]
    assert fresh["errors"] == []
    assert auth.decode(fresh["token"])["email"] == "shopper@example.com"
    assert auth.decode(fresh["token"])["type"] == "access"


@pytest.mark.parametrize(
    "kind, message, code",
    [
        ("none", "Missing refreshToken", "JWT_MISSING_TOKEN"),
        ("access", "Incorrect refreshToken", "JWT_INVALID_TOKEN"),
        ("nonsense", "Error decoding signature", "JWT_DECODE_ERROR"),
    ],
)
def test_refused_refresh(api, token, kind: str, message: str, code: str) -> None:
    shown = {"none": None, "access": token("shopper"), "nonsense": "a.b.c"}[kind]
    answer = api.data(REFRESH, {"token": shown})["tokenRefresh"]
    assert answer == {"token": None, "errors": [{"field": "refreshToken", "message": message, "code": code}]}


def test_verify(api, token) -> None:
    answer = api.data(VERIFY, {"token": token("shopper")})["tokenVerify"]
    assert answer["isValid"] is True
    assert answer["user"] == {"email": "shopper@example.com"}
    assert answer["payload"]["type"] == "access"
    answer = api.data(VERIFY, {"token": "a.b.c"})["tokenVerify"]
    assert answer == {
        "isValid": False,
        "user": None,
        "payload": None,
        "errors": [{"field": "token", "message": "Error decoding signature", "code": "JWT_DECODE_ERROR"}],
    }


EXTENSIONS = """{ appExtensions(first: 10, filter: {mountName: ["NAVIGATION_CUSTOMERS"]}) { edges { node {
  id label identifier url mountName targetName settings accessToken permissions { code }
  app { id identifier appUrl } } } } }"""


def extensions(api, token: str) -> dict:
    found = api.data(EXTENSIONS, token=token)["appExtensions"]["edges"]
    return {edge["node"]["identifier"]: edge["node"] for edge in found}


def test_an_extensions_token(api, token) -> None:
    desk = extensions(api, token("rep"))["desk"]
    assert (desk["label"], desk["url"]) == ("Live sales desk", "/desk")
    assert (desk["mountName"], desk["targetName"], desk["settings"]) == ("NAVIGATION_CUSTOMERS", "APP_PAGE", {})
    assert desk["permissions"] == [{"code": "HANDLE_LIVE_SALES"}]
    assert desk["app"]["appUrl"] == "http://127.0.0.1:8000/plugins/saleor.livesales/console/"
    claims = jwt.decode(
        desk["accessToken"],
        keys.public_key(),
        algorithms=["RS256"],
        audience="http://127.0.0.1:8000/plugins/saleor.livesales",
        issuer="http://127.0.0.1:8000/graphql/",
    )
    assert claims["exp"] - claims["iat"] == 300
    assert claims["type"] == "thirdparty"
    assert claims["app"] == desk["app"]["id"]
    assert claims["app_extension"] == desk["id"]
    assert claims["permissions"] == claims["user_permissions"] == ["HANDLE_LIVE_SALES"]


def test_only_who_has_all_of_its_permissions_gets_one(api, token) -> None:
    got = {
        name: {key for key, node in extensions(api, token(name)).items() if node["accessToken"]}
        for name in ("rep", "owner", "noperm")
    }
    assert got == {"rep": {"desk"}, "owner": {"desk", "settings"}, "noperm": set()}


def test_the_token_is_narrowed(api, token) -> None:
    desk = extensions(api, token("owner"))["desk"]["accessToken"]
    assert auth.decode(desk)["permissions"] == ["HANDLE_LIVE_SALES"]
    assert auth.decode(desk)["user_permissions"] == ["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"]
    query = "{ me { userPermissions { code } } }"
    assert api.data(query, token=desk) == {"me": {"userPermissions": [{"code": "HANDLE_LIVE_SALES"}]}}


def test_customers_see_no_extensions(api, token) -> None:
    for asked in (api(EXTENSIONS), api(EXTENSIONS, token=token("shopper"))):
        assert asked["data"] == {"appExtensions": None}
        (error,) = asked["errors"]
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"
        assert error["message"] == (
            "To access this path, you need one of the following permissions: "
            "AUTHENTICATED_STAFF_USER, AUTHENTICATED_APP"
        )


def test_rights_come_from_groups(api, token) -> None:
    query = "{ me { isStaff userPermissions { code name } } }"
    assert api.data(query, token=token("noperm")) == {"me": {"isStaff": True, "userPermissions": []}}
    User.objects.get(email="noperm@example.com").groups.add(Group.objects.get(name="Live sales owners"))
    codes = [row["code"] for row in api.data(query, token=token("noperm"))["me"]["userPermissions"]]
    assert codes == ["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"]


def test_the_key_is_shared(settings, tmp_path) -> None:
    settings.DATA_DIR, settings.RSA_PRIVATE_KEY = tmp_path / "data", ""
    keys.private_key.cache_clear()
    first = keys.private_key().private_numbers()
    keys.private_key.cache_clear()
    assert keys.private_key().private_numbers() == first
    assert (tmp_path / "data" / "jwt_key.pem").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["jwt_key.pem"]
    settings.RSA_PRIVATE_KEY = (tmp_path / "data" / "jwt_key.pem").read_text()
    settings.DATA_DIR = tmp_path / "nowhere"
    keys.private_key.cache_clear()
    assert keys.private_key().private_numbers() == first
    assert not (tmp_path / "nowhere").exists()
    keys.private_key.cache_clear()
    keys.jwks.cache_clear()
