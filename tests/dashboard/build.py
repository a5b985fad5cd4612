"""Rows as the API gives them to the Dashboard's pages."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

OWN_LOOKS: dict[str, Any] = {
    "accent": None,
    "onAccent": None,
    "accentDark": None,
    "onAccentDark": None,
    "radius": None,
    "side": "END",
    "theme": "PAGE",
}


def moment(seconds_ago: float = 0) -> str:
    return wire_time(datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds_ago))


def wire_time(at: datetime.datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(amount: float, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def product(name: str, amount: float) -> dict[str, Any]:
    price = {"priceRange": {"start": {"gross": money(amount)}}}
    return {"id": f"product {name}", "name": name, "thumbnail": None, "pricing": price}


def profile(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "email": f"{name.split()[0].lower()}@example.com",
        "joinedAt": "2024-03-05T10:00:00Z",
        "orders": 7,
        "spend": [money(1234.5)],
        "lastOrderAt": "2026-10-01T10:00:00Z",
        "countries": ["DE", "AT"],
        "language": "de",
        "sessions": 2,
        **more,
    }


def visitor(
    number: int, name: str = "", *, cart: Any = None, signed_in: bool = False, engaged: bool = False, **more: Any
) -> dict[str, Any]:
    """Somebody on the site."""
    return {
        "id": f"live-{number}",
        "name": name or (f"Customer {number}" if signed_in else ""),
        "assurance": "SIGNED_IN" if signed_in else "ANONYMOUS",
        "channel": "default-channel",
        "online": True,
        "startedAt": None,
        "pageUrl": f"https://store.test/products/{number}",
        "pageTitle": f"Product {number}",
        "product": None,
        "cart": cart and {"total": cart, "quantity": 1},
        "session": None,
        "inSession": engaged,
        "offer": None,
        "block": None,
        "reason": "at_or_below_threshold",
        **more,
    }


def connection(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"totalCount": len(nodes), "edges": [{"node": node} for node in nodes]}


def settings(channel: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "channel": channel,
        "name": name,
        "currency": "EUR",
        "active": True,
        "priceThreshold": money(200.0),
        "priceStrength": "OFFER",
        "requestsAllowed": True,
        "codeRequired": False,
        "greeting": "May we help you?",
        "gatewayUrl": "",
        "contactEmail": "sales@example.com",
        "appearance": dict(OWN_LOOKS),
        "picturesAllowed": True,
        "timeZone": "Europe/Berlin",
        "openingHours": [],
        "specialDays": [],
        "opening": {"open": True, "opensAt": None, "closesAt": None},
        "ratingAsked": True,
        "endsAfterLapse": None,
        "updatedAt": None,
        **more,
    }


def member(number: int, name: str, state: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    return {
        "id": f"member-{number}",
        "state": state,
        "since": "2026-01-31T15:00:00Z",
        "paidUntil": "2026-12-31T15:00:00Z",
        "endsWithPeriod": False,
        "nextPlan": {"name": "Inner circle"},
        "sessions": {"used": 2, "limit": 4},
        "channel": "default-channel",
        "plan": {"id": "plan-1", "name": "Circle"},
        "profile": {"name": name, "email": f"{name.split()[0].lower().strip('=')}@example.com"},
        "delivery": {
            "state": "SENT", "sentAt": "2026-01-31T15:01:00Z", "toldAt": None, "endedAt": None, "problem": None,
            "code": {"masked": "••••-••••-•9T"},
        },
        "charges": [
            {"id": "c", "kind": "ORDER", "orderNumber": "41", "amount": money(30.0), "refunded": money(10.0),
             "periods": 3, "returned": 1, "createdAt": "2026-01-31T15:00:00Z"},
        ],
        "changes": [
            {"id": "x", "kind": "pay", "after": "ACTIVE", "actor": "shop", "reason": "", "at": "2026-01-31T15:00:00Z"},
        ],
        "paymentMethod": {"id": "card-1", "brand": "visa", "lastDigits": "1881", "expiresOn": "2030-09-01"},
        "fees": [
            fee("REFUSED", "insufficient_funds", "2026-11-30T14:00:00Z"), fee("PAID", None, "2026-10-31T14:00:00Z"),
        ],
        **more,
    }  # fmt: skip


def fee(state: str, reason: str | None, at: str) -> dict[str, Any]:
    return {"id": f"fee-{at}", "state": state, "amount": money(30.0), "reason": reason, "createdAt": at}


def plan(pk: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": pk,
        "name": name,
        "level": 1,
        "period": "P1M",
        "trial": None,
        "graceDays": 5,
        "priority": 3,
        "forms": ["CHAT"],
        "sessionsPerPeriod": 4,
        "timeZone": "Europe/Berlin",
        "active": True,
        "productId": "UHJvZHVjdDox",
        "variantId": "UHJvZHVjdFZhcmlhbnQ6MQ==",
        "paymentUrl": "https://shop.example.com/pay/{order}",
        "signInUrl": "",
        **more,
    }


def piece(pk: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": pk,
        "name": name,
        "kind": "CATALOGUE",
        "state": "ACTIVE",
        "channel": "default-channel",
        "landingUrl": "https://shop.example.com/lamp",
        "personal": False,
        "startsAt": "2026-06-01T12:00:00Z",
        "endsAt": None,
        "printedAt": None,
        "product": {"id": "UHJvZHVjdDox", "name": "Lamp"},
        "counts": {
            "codes": 1,
            "redemptions": 12,
            "sessions": 5,
            "orders": 3,
            "income": {"amount": 1250.5, "currency": "EUR"},
        },
        **more,
    }


def delivery(number: int, name: str, state: str = "SENT", **more: Any) -> dict[str, Any]:
    told = "2026-01-31T15:02:00Z" if state not in ("QUEUED", "SENT", "FAILED", "CANCELLED") else None
    return {
        "id": f"delivery-{number}", "state": state, "problem": None, "createdAt": "2026-01-31T15:00:00Z",
        "sentAt": None if state in ("QUEUED", "FAILED", "CANCELLED") else "2026-01-31T15:01:00Z", "toldAt": told,
        "endedAt": None, "code": {"masked": f"••••-••••-•{number}T"},
        "membership": {
            "id": f"member-{number}", "plan": {"name": "Circle"},
            "profile": {"name": name, "email": f"{name.split()[0].lower()}@example.com"},
        },
        **more,
    }  # fmt: skip


def code(number: int, state: str = "ISSUED", **more: Any) -> dict[str, Any]:
    return {
        "id": f"code-{number}", "masked": f"••••-••••-•{number}T", "state": state, "holder": "MEMBER", "uses": 1,
        "maxUses": 10, "validUntil": "2026-12-31T15:00:00Z", "recipient": None, "piece": None, **more,
    }  # fmt: skip


def mails(channel: str = "default-channel") -> dict[str, Any]:
    """What the shop's own texts are, from the product's own files."""
    texts = Path(__file__).resolve().parents[2] / "saleor_livesales" / "mails" / "templates"
    facts = {"member_code": ["name", "plan", "code", "until", "link"], "renewal": ["name", "plan", "order", "link"]}
    return {
        "channel": channel, "sender": "", "deploymentSender": "live-sales@localhost", "replyTo": "", "unsubscribe": "",
        "templates": [
            {
                "template": name.upper(), "language": language, "own": False, "facts": facts[name],
                "subject": (texts / name / f"{language}.subject.txt").read_text(encoding="utf-8").strip(),
                "text": (texts / name / f"{language}.txt").read_text(encoding="utf-8"),
                "html": (texts / name / f"{language}.html").read_text(encoding="utf-8"),
            }
            for name in facts
            for language in ("ar", "de", "en", "es", "fr", "pl")
        ],
    }  # fmt: skip


def letter(number: int, stands: str = "QUEUED", **posting: Any) -> dict[str, Any]:
    """A letter; with a provider where ``posting`` says something."""
    given = {"state": "SENT", "reason": None, "expectedOn": None, "cost": {"amount": 1.25, "currency": "USD"}}
    return {
        "id": f"letter-{number}", "number": f"L0000000{number}", "state": stands, "createdAt": "2026-11-20T10:00:00Z",
        "changedAt": "2026-11-21T10:00:00Z", "posting": {**given, **posting} if posting else None,
        "membership": {
            "id": f"member-{number}", "plan": {"name": "Circle"},
            "profile": {"name": f"Ada Buyer {number}", "email": f"ada{number}@example.com"},
        },
    }  # fmt: skip


def letter_way(way: str = "PRINT", *, spent: float = 0.0, **more: Any) -> dict[str, Any]:
    """How a channel's letters go; as a provider's once ``way`` is PROVIDER."""
    money = {"amount": 1.25, "currency": "USD"}
    known = way == "PROVIDER"
    return {
        "channel": "default-channel", "way": way, "provider": "lob" if known else "", "providers": ["lob"],
        "reportUrl": "https://shop.example/plugins/saleor.livesales/webhooks/post/lob/" if known else None,
        "letters": int(spent / 1.25), "waiting": 2 if spent else 0, "color": False,
        "price": money if known else None, "monthlyLimit": {**money, "amount": 100} if known else None,
        "spent": {**money, "amount": spent} if known else None, "senderName": "Example Books" if known else "",
        "senderLine1": "210 King St" if known else "", "senderLine2": "", "senderArea": "CA" if known else "",
        "senderCity": "San Francisco" if known else "", "senderPostalCode": "94107" if known else "",
        "senderCountry": "US" if known else "", **more,
    }  # fmt: skip


def months(*, currencies: tuple[str, ...] = ("EUR",)) -> list[dict[str, Any]]:
    """The twelve up to November 2026, each a little better than the last, with nothing in the first."""
    return [
        {
            "since": f"{2025 if number < 1 else 2026}-{12 if number < 1 else number:02}-01T00:00:00Z",
            "came": 2 * number,
            "stayed": number * (number - 1) // 2,
            "left": number // 2,
            "income": [{"kept": {"amount": 12.5 * number, "currency": currency}} for currency in currencies if number],
        }
        for number in range(12)
    ]


def rated(
    number: int, score: int, comment: str = "", *, name: str = "Ada Buyer", rep: str = "Rita Rep"
) -> dict[str, Any]:
    """A session that is over and was rated."""
    return {
        "id": f"rated-{number}",
        "channel": "default-channel",
        "endedAt": "2026-11-20T15:00:00Z",
        "repName": rep,
        "visitor": {"id": f"visitor-{number}", "name": name},
        "rating": {"score": score, "comment": comment},
    }


def rated_page(rows: list[dict[str, Any]], variables: dict[str, Any]) -> dict[str, Any]:
    """A page of those with the wanted scores; a cursor is the place of the next."""
    wanted = variables["filter"].get("score")
    found = [row for row in rows if wanted is None or row["rating"]["score"] in wanted]
    start = int(variables["after"] or 0)
    end = start + variables["first"]
    return connection(found[start:end]) | {"pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end)}}
