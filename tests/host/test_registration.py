"""Switching the plugin on and off, what the Dashboard sees of it, and what is served under its address."""

import gzip

import pytest

from .saleor import DASHBOARD, PLUGIN, PUBLIC_URL

EXTENSIONS = """
{ appExtensions(first: 50) { edges { node {
  label url mountName targetName permissions { code } app { name appUrl isActive } accessToken
} } } }"""


def extensions(web, token):
    return [edge["node"] for edge in web.data(EXTENSIONS, token=token)["appExtensions"]["edges"]]


@pytest.fixture
def switched_on(web, admin):
    """Whatever the test does, the plugin is on again after it."""
    yield
    web.switch(active=True, token=admin)


def test_the_dashboard_sees_desk_and_settings(web, tokens):
    desk, settings = extensions(web, tokens["owner@example.com"])
    assert desk.pop("accessToken")
    assert settings.pop("accessToken")
    app = {"name": "Live sales", "appUrl": f"{PUBLIC_URL}/plugins/{PLUGIN}/console/", "isActive": True}
    mount = {"mountName": "NAVIGATION_CUSTOMERS", "targetName": "APP_PAGE", "app": app}
    assert desk == {
        "label": "Live sales desk",
        "url": "/desk",
        "permissions": [{"code": "HANDLE_LIVE_SALES"}],
        **mount,
    }
    assert settings == {
        "label": "Live sales settings",
        "url": "/settings",
        "permissions": [{"code": "MANAGE_LIVE_SALES"}],
        **mount,
    }


def test_off_and_on(web, rows, tokens, admin, switched_on):
    before = [entry["label"] for entry in extensions(web, admin)]
    web.switch(active=False, token=admin)
    assert [entry["label"] for entry in extensions(web, admin)] == []
    assert rows.execute("SELECT count(*) FROM app_app WHERE identifier = %s", [PLUGIN]).fetchone() == (0,)
    assert web.get(f"/plugins/{PLUGIN}/livesales.js")[0] == 404
    assert web.get(f"/plugins/{PLUGIN}/console/")[0] == 404
    web.switch(active=True, token=admin)
    assert [entry["label"] for entry in extensions(web, admin)] == before


def test_while_off_hooks_report_nothing_and_the_shop_works(web, rows, admin, switched_on):
    web.switch(active=False, token=admin)
    create = 'mutation { customerCreate(input: {email: "while-off@example.com"}) { user { id } errors { message } } }'
    user = web.data(create, token=admin)["customerCreate"]["user"]["id"]
    counted = rows.execute("SELECT count(*) FROM saleor_livesales_shopevent WHERE object_id = %s", [user]).fetchone()
    assert counted == (0,)


def test_a_dashboard_address_that_is_none_is_refused(web, admin):
    query = """mutation { pluginUpdate(id: "saleor.livesales",
      input: {configuration: [{name: "Dashboard addresses", value: "https://ok.test *"}]}) { errors { message } } }"""
    [error] = web.data(query, token=admin)["pluginUpdate"]["errors"]
    assert error["message"] == "'*' is not an address. Give for example https://dashboard.example.com."


def test_registering_at_once_from_many_threads_makes_one_app(host, private):
    code = """
import threading
from django.db import connection
from saleor.app.models import App, AppExtension
from saleor_livesales.host import registration
App.objects.all().delete()
def work():
    registration.bring_up_to_date()
    connection.close()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
first = list(App.objects.values_list("pk", flat=True)), sorted(AppExtension.objects.values_list("label", flat=True))
registration.bring_up_to_date()
answer([len(first[0]), first[1], list(App.objects.values_list("pk", flat=True)) == first[0]])
"""
    assert host.run(code, env=host.env(private)) == [1, ["Live sales desk", "Live sales settings"], True]


def test_beat_mends_what_somebody_removed(host, private):
    code = """
from django.conf import settings
from saleor.app.models import App, AppExtension
from saleor_livesales.host.tasks import repair
AppExtension.objects.filter(label="Live sales desk").delete()
App.objects.update(app_url="http://old.test")
repair()
labels = sorted(AppExtension.objects.values_list("label", flat=True))
answer([settings.CELERY_BEAT_SCHEDULE["livesales.registration"], labels, App.objects.get().app_url])
"""
    schedule, labels, address = host.run(code, env=host.env(private))
    assert schedule == {"task": "livesales.registration", "schedule": 600.0}
    assert labels == ["Live sales desk", "Live sales settings"]
    assert address == f"{PUBLIC_URL}/plugins/{PLUGIN}/console/"


@pytest.mark.parametrize(
    "prefix", [f"/plugins/{PLUGIN}", f"/plugins/global/{PLUGIN}", f"/plugins/channel/default-channel/{PLUGIN}"]
)
def test_the_widget_is_served_to_the_storefronts_that_saleor_allows(web, prefix):
    """Saleor's own handler says which origins may read it: ALLOWED_GRAPHQL_ORIGINS, as for its API."""
    status, headers, body = web.get(f"{prefix}/livesales.js", Origin="https://storefront.test")
    assert status == 200
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["access-control-allow-origin"] == "https://storefront.test"
    assert headers["x-content-type-options"] == "nosniff"
    assert len(body) == int(headers["content-length"]) > 1000
    assert web.get(f"{prefix}/livesales.js", If_None_Match=headers["etag"])[0] == 304
    status, head, nothing = web.get(f"{prefix}/livesales.js", "HEAD")
    assert (status, head["content-length"], nothing) == (200, headers["content-length"], b"")
    status, headers, packed = web.get(f"{prefix}/livesales.js", Accept_Encoding="gzip, br")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(packed) == body


def test_the_console_is_pinned_and_framed_by_the_dashboard_alone(web):
    for page in ("console/", "console/desk", "console/settings", "console/?saleorApiUrl=https://evil.test/graphql/"):
        status, headers, body = web.get(f"/plugins/{PLUGIN}/{page}")
        assert status == 200
        assert f'<meta name="livesales-api" content="{PUBLIC_URL}/graphql/">'.encode() in body
        assert b"evil.test" not in body
        assert headers["content-security-policy"].endswith(f"; frame-ancestors {DASHBOARD}")


@pytest.mark.parametrize(
    "path",
    [
        "../conf.py",
        "../../setup.cfg",
        "console/../../apps.py",
        "%2e%2e/conf.py",
        "..%2fconf.py",
        "console/%2e%2e/%2e%2e/models.py",
        "/etc/passwd",
        "assets/",
        "manifest.json/../../serve.py",
        "x" * 5000 + ".js",
        "livesales.js%00.png",
        ".git/config",
    ],
)
def test_nothing_else_is_served(web, path):
    assert web.get(f"/plugins/{PLUGIN}/{path}")[0] in (400, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(web, method):
    status, headers, _ = web.get(f"/plugins/{PLUGIN}/livesales.js", method, Content_Length="0")
    assert status in (405, 400)
    if status == 405:
        assert headers["allow"] == "GET, HEAD"
