"""The demo storefront and the stand-in Dashboard in real Chromium, with a shop that answers what the test says."""

from __future__ import annotations

import json
import mimetypes
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from playwright.sync_api import Page, Route, expect

from .. import chromium

pytestmark = pytest.mark.browser

WEB = Path(__file__).parents[2] / "sandbox" / "web"
SITE = "http://site.test"
API = "http://shop.test/graphql/"
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
SVG = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"


def token(lasts: float = 300, **claims: object) -> str:
    return jwt.encode({"exp": int(time.time() + lasts), **claims}, "k" * 32)


class Shop:
    """Answers by the operation's name; keeps what it was asked."""

    def __init__(self, folder: str, config: dict[str, str], pages: dict[str, str] | None = None) -> None:
        self.folder = WEB / folder
        self.config = config
        self.pages = pages or {}
        self.answers: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.asked: list[tuple[str, dict[str, Any], str | None]] = []

    def route(self, route: Route) -> None:
        request = route.request
        address = request.url.partition("?")[0]
        if request.method == "OPTIONS":
            return route.fulfill(headers=CORS)
        if address == API:
            body = json.loads(request.post_data or "{}")
            name = body["query"].split(None, 2)[1].split("(")[0].strip("{")
            self.asked.append((name, body["variables"], request.headers.get("authorization")))
            return route.fulfill(json={"data": self.answers[name](body["variables"])}, headers=CORS)
        if address in self.pages:
            kind = "text/javascript" if address.endswith(".js") else "text/html"
            return route.fulfill(body=self.pages[address], content_type=kind, headers=CORS)
        path = urlsplit(address).path.lstrip("/") or "index.html"
        if path == "config.json":
            return route.fulfill(json=self.config)
        file = self.folder / path
        if not file.is_file():
            return route.fulfill(status=404)
        return route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(path)[0] or "text/plain")

    def browse(self, script: Callable[[Page], None]) -> None:
        """Runs ``script`` in a thread of its own: Playwright's loop there disturbs no other test."""

        def run() -> None:
            with chromium.running() as browser:
                page = browser.new_page()
                page.set_default_timeout(8000)
                failures: list[str] = []
                page.on("pageerror", lambda error: failures.append(str(error)))
                page.route("**/*", self.route)
                script(page)
                assert failures == []

        with ThreadPoolExecutor(1) as pool:
            pool.submit(run).result()


def money(amount: float) -> dict[str, Any]:
    return {"gross": {"amount": amount, "currency": "USD"}}


# The Dashboard

FRAMED = """<!doctype html><body><script>
  window.heard = [];
  addEventListener("message", (event) => heard.push({ origin: event.origin, ...event.data }));
  window.act = (type, payload) => parent.postMessage({ type, payload: { actionId: "a1", ...payload } }, "SITE");
</script>""".replace("SITE", SITE)


def dashboard() -> Shop:
    shop = Shop(
        "dashboard",
        {"api": API},
        {"http://shop.test/plugins/saleor.livesales/console/": FRAMED, "http://evil.test/": FRAMED},
    )
    access = [token(name="desk")]
    node = {
        "id": "RQ==", "label": "Live sales desk", "url": "/plugins/saleor.livesales/console/",
        "mountName": "NAVIGATION_CUSTOMERS", "targetName": "APP_PAGE", "permissions": [{"code": "HANDLE_LIVE_SALES"}],
        "app": {"id": "QXBwOjE=", "name": "Live sales", "appUrl": "http://shop.test"},
    }  # fmt: skip
    closed = {**node, "id": "Rg==", "label": "Live sales settings", "accessToken": None}
    elsewhere = {**node, "id": "Rw==", "label": "A widget", "mountName": "PRODUCT_DETAILS_WIDGETS", "accessToken": "x"}
    shop.answers = {
        "TokenCreate": lambda sent: {
            "tokenCreate": {
                "token": token(),
                "refreshToken": "refresh",
                "user": {"firstName": "R", "email": sent["email"]},
                "errors": [],
            }
            if sent["password"] == "password"
            else {"errors": [{"field": "email", "message": "Please, enter valid credentials", "code": "X"}]}
        },
        "TokenRefresh": lambda sent: {"tokenRefresh": {"token": token(), "errors": []}},
        "Me": lambda sent: {
            "me": {"firstName": "Robin", "lastName": "Rep", "email": "r@x", "isStaff": True, "userPermissions": []}
        },
        "Extensions": lambda sent: {
            "appExtensions": {
                "edges": [{"node": {**node, "accessToken": access[-1]}}, {"node": closed}, {"node": elsewhere}]
            }
        },
    }
    shop.access = access  # type: ignore[attr-defined]
    return shop


def sign_in(page: Page, password: str = "password") -> None:
    page.get_by_label("E-mail").fill("rep@example.com")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def heard(page: Page) -> list[dict[str, Any]]:
    return page.frames[1].evaluate("heard")


def wait_for(page: Page, kind: str, count: int = 1) -> list[dict[str, Any]]:
    page.wait_for_selector("iframe")
    page.frames[1].wait_for_function(
        "([kind, count]) => heard.filter((one) => one.type === kind).length >= count", arg=[kind, count]
    )
    return [one for one in heard(page) if one["type"] == kind]


def test_the_dashboard_frames_an_extension() -> None:
    shop = dashboard()

    def script(page: Page) -> None:
        page.goto(SITE)
        expect(page.get_by_role("note")).to_contain_text("stand-in for Saleor's Dashboard")
        sign_in(page, "wrong")
        expect(page.get_by_role("alert")).to_have_text("Please, enter valid credentials")
        sign_in(page)
        expect(page.locator("#extensions button")).to_have_text(["Live sales desk"])
        page.get_by_role("button", name="Live sales desk").click()
        frame = page.locator("iframe")
        expect(frame).to_have_attribute(
            "sandbox", "allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"
        )
        assert frame.get_attribute("allow") is None
        source = urlsplit(str(frame.get_attribute("src")))
        assert f"{source.scheme}://{source.netloc}{source.path}" == "http://shop.test/plugins/saleor.livesales/console/"
        assert parse_qs(source.query) == {
            "domain": ["shop.test"], "saleorApiUrl": [API], "id": ["QXBwOjE="], "theme": ["light"],
        }  # fmt: skip
        (handshake,) = wait_for(page, "handshake")
        assert handshake["origin"] == SITE
        assert handshake["payload"]["token"] == shop.access[-1]  # type: ignore[attr-defined]
        assert wait_for(page, "theme")[0]["payload"] == {"theme": "light"}
        assert len(wait_for(page, "localeChanged")[0]["payload"]["locale"]) == 2
        page.frames[1].evaluate("act('notifyReady', {})")
        assert len(wait_for(page, "handshake", 2)) == 2
        assert wait_for(page, "response")[0]["payload"] == {"actionId": "a1", "ok": True}
        page.get_by_role("button", name="Dark").click()
        assert wait_for(page, "theme", 2)[1]["payload"] == {"theme": "dark"}
        page.frames[1].evaluate("act('notification', {status: 'success', title: '<b>Done</b>', text: ' well'})")
        expect(page.locator(".toast.success")).to_have_text("<b>Done</b> well")
        page.frames[1].evaluate("act('redirect', {to: 'javascript:alert(1)'})")
        assert wait_for(page, "response", 3)[2]["payload"] == {"actionId": "a1", "ok": False}
        page.reload()  # signed in still
        expect(page.locator("#extensions button")).to_have_text(["Live sales desk"])
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("E-mail")).to_be_visible()
        assert page.locator("iframe").count() == 0

    shop.browse(script)


def test_the_dashboard_renews_the_token_and_hears_one_origin() -> None:
    shop = dashboard()

    def script(page: Page) -> None:
        page.clock.install()
        page.goto(SITE)
        sign_in(page)
        page.get_by_role("button", name="Live sales desk").click()
        wait_for(page, "handshake")
        shop.access.append(token(600, name="fresh"))  # type: ignore[attr-defined]
        page.clock.run_for(265_000)
        assert [one for one in heard(page) if one["type"] == "tokenRefresh"] == []
        page.clock.run_for(10_000)
        (renewed,) = wait_for(page, "tokenRefresh")
        assert renewed["payload"] == {"token": shop.access[-1]}  # type: ignore[attr-defined]
        # Another origin in the same frame gets nothing and is not answered.
        page.locator("iframe").evaluate("(frame) => { frame.src = 'http://evil.test/' }")
        page.frames[1].wait_for_url("http://evil.test/")
        page.frames[1].evaluate("act('notifyReady', {})")
        page.frames[1].evaluate("act('notification', {title: 'Hello'})")
        page.clock.run_for(1000)
        assert heard(page) == []
        assert page.locator(".toast").count() == 0

    shop.browse(script)


# The storefront

WIDGET = """
  const told = JSON.parse(sessionStorage.getItem("told") ?? "[]");
  const tell = (...one) => { told.push(one); sessionStorage.setItem("told", JSON.stringify(told)); };
  customElements.define("live-sales", class extends HTMLElement {
    identify(who) { tell("identify", who && who.accessToken); }
    product(which) { tell("product", which.productId, which.variantId); }
    cart(which) { tell("cart", which.checkoutId); }
  });
  const script = document.querySelector("script[data-channel]");
  tell("page", document.title, { ...script.dataset });
  document.body.append(document.createElement("live-sales"));
"""
WIDGET_URL = "http://shop.test/plugins/saleor.livesales/livesales.js"


def storefront(widget: bool = True) -> Shop:
    config = {"api": API, "channel": "default-channel", "gateway": "ws://gateway.test/live", "widget": WIDGET_URL}
    shop = Shop("storefront", config, {WIDGET_URL: WIDGET} if widget else {})
    cart = {"id": "Q2hlY2s=", "quantity": 1, "subtotalPrice": money(62)}
    line = {
        "id": "TGluZQ==", "quantity": 1, "totalPrice": money(62),
        "variant": {"id": "VjI=", "name": "Black", "product": {"id": "UDE=", "name": "Desk lamp", "thumbnail": None}},
    }  # fmt: skip
    variants = [
        {"id": f"V{number}=", "name": name, "quantityAvailable": 5, "pricing": {"price": money(price)}}
        for number, name, price in ((1, "White", 59), (2, "Black", 62))
    ]
    lamp = {"id": "UDE=", "name": "Desk <lamp>", "thumbnail": {"url": SVG, "alt": "A lamp"}}
    blocks = {"blocks": [{"type": "paragraph", "data": {"text": "Warm <b>light</b><img src=x onerror=alert(1)>"}}]}
    shop.answers = {
        "Products": lambda sent: {
            "products": {
                "edges": [{"node": {**lamp, "pricing": {"priceRange": {"start": money(59), "stop": money(62)}}}}]
            }
        },
        "Product": lambda sent: {
            "product": {**lamp, "description": json.dumps(blocks), "variants": variants}
            if sent["id"] == "UDE="
            else None
        },
        "CheckoutCreate": lambda sent: {"checkoutCreate": {"checkout": cart, "errors": []}},
        "Checkout": lambda sent: {"checkout": {**cart, "lines": [line]}},
        "CheckoutLinesUpdate": lambda sent: {
            "checkoutLinesUpdate": {
                "checkout": None,
                "errors": [{"field": "quantity", "message": "Only 5 remaining.", "code": "INSUFFICIENT_STOCK"}],
            }
        },
        "TokenCreate": lambda sent: {
            "tokenCreate": {
                "token": token(),
                "refreshToken": "r",
                "user": {"firstName": "Sam", "email": "s@x"},
                "errors": [],
            }
        },
    }
    return shop


def told(page: Page) -> list[list[Any]]:
    return json.loads(page.evaluate("sessionStorage.getItem('told')") or "[]")


def test_the_storefront_tells_the_widget() -> None:
    shop = storefront()

    def script(page: Page) -> None:
        page.goto(SITE)
        expect(page.locator(".tile .price")).to_have_text(["from $59.00"])
        page.get_by_role("link", name="Desk <lamp>").click()
        expect(page.locator(".facts .price")).to_have_text("$59.00")
        expect(page.locator(".facts > p").nth(1)).to_have_text("Warm light")
        page.get_by_text("Black").click()
        expect(page.locator(".facts .price")).to_have_text("$62.00")
        page.get_by_role("button", name="Add to cart").click()
        expect(page.get_by_role("status")).to_have_text("In your cart. See the cart")
        expect(page.locator("#cart-count")).to_have_text("1")
        page.wait_for_function("JSON.parse(sessionStorage.getItem('told')).length >= 5")
        attributes = {"channel": "default-channel", "api": API, "gateway": "ws://gateway.test/live"}
        assert told(page) == [
            ["page", "Hearth & Oak", attributes],
            ["page", "Desk <lamp> · Hearth & Oak", attributes],
            ["product", "UDE=", "V1="],
            ["product", "UDE=", "V2="],
            ["cart", "Q2hlY2s="],
        ]
        created = next(sent for name, sent, _ in shop.asked if name == "CheckoutCreate")
        assert created == {"input": {"channel": "default-channel", "lines": [{"variantId": "V2=", "quantity": 1}]}}
        page.get_by_role("link", name="See the cart").click()
        page.get_by_label("Quantity of Desk lamp").fill("9")
        page.keyboard.press("Tab")
        expect(page.get_by_role("alert")).to_have_text("Only 5 remaining.")
        page.goto(f"{SITE}/signin.html")
        sign_in(page)
        expect(page.locator("#account")).to_have_text("Sign out Sam")
        page.wait_for_function(
            "JSON.parse(sessionStorage.getItem('told')).filter((one) => one[0] === 'identify').length >= 2"
        )
        given = [one[1] for one in told(page) if one[0] == "identify"]
        assert len(set(given)) == 1
        assert jwt.decode(given[0], options={"verify_signature": False})["exp"] > time.time()
        page.locator("#account").click()
        expect(page.locator("#account")).to_have_text("Sign in")
        assert [one[1] for one in told(page) if one[0] == "identify"][-1] is None

    shop.browse(script)


def test_the_storefront_works_without_the_widget() -> None:
    shop = storefront(widget=False)

    def script(page: Page) -> None:
        page.goto(f"{SITE}/product.html?id=UDE%3D")
        page.get_by_role("button", name="Add to cart").click()
        expect(page.get_by_role("status")).to_have_text("In your cart. See the cart")
        page.goto(f"{SITE}/product.html?id=nothing")
        expect(page.get_by_role("alert")).to_have_text("This product is not sold here.")

    shop.browse(script)
