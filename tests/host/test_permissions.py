"""Which of our permissions hold for a request: groups, and the token that the Dashboard hands to a frame."""

import datetime

import jwt
import pytest

from .saleor import PLUGIN, PUBLIC_URL, rsa_key

REPS = "{ liveReps(first: 1) { totalCount } }"
SETTINGS = "{ liveChannels { channel } }"


def may(web, query, token):
    answer = web.graphql(query, token=token)
    if "errors" not in answer:
        return True
    assert answer.get("data") is None or set(answer["data"].values()) == {None}
    return False


@pytest.mark.parametrize(
    ("who", "desk", "settings"),
    [
        ("admin@example.com", True, True),
        ("owner@example.com", True, True),
        ("rep@example.com", True, False),
        ("noperm@example.com", False, False),
        ("shopper@example.com", False, False),
        (None, False, False),
    ],
)
def test_what_each_may(web, tokens, who, desk, settings):
    token = tokens[who] if who else None
    assert (may(web, REPS, token), may(web, SETTINGS, token)) == (desk, settings)


def test_granted_through_a_group_in_the_api(web, rows, tokens, admin):
    """Saleor's own mutation gives our permission to staff that is no superuser, and takes it away at once."""
    user = web.data("{ me { id isStaff } }", token=tokens["noperm@example.com"])["me"]
    create = """
    mutation($u: ID!) {
      permissionGroupCreate(input: {name: "Tested", addPermissions: [HANDLE_LIVE_SALES], addUsers: [$u]}) {
        group { id permissions { code } } errors { field message code }
      }
    }"""
    answer = web.data(create, {"u": user["id"]}, admin)["permissionGroupCreate"]
    assert answer["errors"] == []
    assert answer["group"]["permissions"] == [{"code": "HANDLE_LIVE_SALES"}]
    assert may(web, REPS, tokens["noperm@example.com"])
    delete = "mutation($id: ID!) { permissionGroupDelete(id: $id) { errors { message } } }"
    assert web.data(delete, {"id": answer["group"]["id"]}, admin)["permissionGroupDelete"]["errors"] == []
    assert not may(web, REPS, tokens["noperm@example.com"])


def test_the_frames_token(web):
    rep = web.frame_token("rep@example.com")
    assert web.frame_token("rep@example.com", "Live sales settings") is None
    assert web.frame_token("noperm@example.com") is None
    claims = jwt.decode(rep, options={"verify_signature": False})
    assert claims["type"] == "thirdparty"
    assert claims["aud"] == f"{PUBLIC_URL}/plugins/{PLUGIN}"
    assert claims["permissions"] == ["HANDLE_LIVE_SALES"]
    assert may(web, REPS, rep)
    assert not may(web, SETTINGS, rep)
    settings = web.frame_token("owner@example.com", "Live sales settings")
    assert may(web, SETTINGS, settings)
    assert not may(web, REPS, web.frame_token("owner@example.com", "Live sales settings")[:-4] + "AAAA")


@pytest.fixture(scope="module")
def forge(host, web):
    """The desk's token of the rep, with some claims changed, signed by Saleor's key or another."""
    genuine = web.frame_token("rep@example.com")
    kid = jwt.get_unverified_header(genuine)["kid"]
    claims = jwt.decode(genuine, options={"verify_signature": False})

    def sign(key=host.key, drop=(), **changes):
        changed = {name: value for name, value in {**claims, **changes}.items() if name not in drop}
        return jwt.encode(changed, key, "RS256", headers={"kid": kid})

    return sign


def test_a_token_with_nothing_changed_is_taken(web, forge):
    assert may(web, REPS, forge())


NOW = datetime.datetime.now(datetime.UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://elsewhere.test"},
        {"drop": ("aud",)},
        {"iss": "http://elsewhere.test"},
        {"drop": ("iss",)},
        {"app": "QXBwOjk5OTk="},
        {"drop": ("app",)},
        {"permissions": []},
        {"permissions": ["MANAGE_LIVE_SALES"]},
        {"exp": NOW - datetime.timedelta(minutes=1)},
        {"type": "refresh"},
        {"token": "stolenkeyxxx"},
        {"email": "shopper@example.com"},
    ],
    ids=str,
)
def test_a_token_that_is_not_ours_gives_none_of_our_permissions(web, forge, changes):
    assert not may(web, REPS, forge(**changes))


def test_a_token_claims_no_more_than_the_user_has(web, forge):
    token = forge(permissions=["HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES"])
    assert may(web, REPS, token)
    assert not may(web, SETTINGS, token)


def test_a_token_signed_by_another_key(web, host, forge):
    assert not may(web, REPS, forge(key=rsa_key(host.folder, "other.pem")))


def test_a_token_ends_with_the_users_rights(web, rows, forge):
    """A rep who is dismissed loses the desk at once, not when its token runs out."""
    rows.execute("UPDATE account_user SET is_staff = false WHERE email = 'rep@example.com'")
    try:
        assert not may(web, REPS, forge())
    finally:
        rows.execute("UPDATE account_user SET is_staff = true WHERE email = 'rep@example.com'")
    assert may(web, REPS, forge())
