"""Each documented operation on a real Saleor, with Saleor's guard of its writer connection set to refuse.

One Saleor process answers them all through its own HTTP view; what it answered is looked at here.
"""

import uuid

import pytest

from sandbox.runner.targets import ROOT
from tests.collectors.stripe_server import KEY

DOCUMENTS = {path.stem: path.read_text() for path in sorted((ROOT / "docs" / "graphql").glob("*.graphql"))}

PROGRAM = """
import base64, datetime, io, json, uuid
from PIL import Image
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from saleor.core.db.connection import allow_writer, restrict_writer
from saleor_livesales import conf
from saleor_livesales.visitors import actions

settings.DEBUG = False  # as in production: errors are hidden
visitor_id = uuid.UUID(VISITOR)
ticket = conf.load().signer.sign(
    kind="visitor-ticket", subject=visitor_id, now=datetime.datetime.now(datetime.timezone.utc)
)
client = Client()
seen = {}

def ask(name, label=None, token=None, **variables):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    body = {"query": DOCUMENTS.get(name, name), "variables": variables}
    result = client.post("/graphql/", body, content_type="application/json", **headers).json()
    seen[label or name] = result
    return (result.get("data") or {}).get(name)

def ask_with_file(name, file, token=None, **variables):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    operations = json.dumps({"query": DOCUMENTS[name], "variables": variables})
    parts = {"operations": operations, "map": json.dumps({"0": ["variables.input.image"]}), "0": file}
    result = seen[name] = client.post("/graphql/", parts, **headers).json()
    return result["data"][name]

def sign_in(email):
    document = 'mutation($e: String!) { tokenCreate(email: $e, password: "password") { token } }'
    ask(document, "token", e=email)
    return seen.pop("token")["data"]["tokenCreate"]["token"]

rep, owner, stranger, shopper = map(sign_in, (
    "rep@example.com", "owner@example.com", "noperm@example.com", "shopper@example.com"))
find = '{ products(first: 2, channel: "default-channel", sortBy: {field: NAME, direction: ASC}) {'
ask(find + " edges { node { id name variants { id } } } } }", "products")
product, other = (edge["node"] for edge in seen["products"]["data"]["products"]["edges"])
lines = [{"variantId": product["variants"][0]["id"], "quantity": 2}]
create = 'mutation($l: [CheckoutLineInput!]!) { checkoutCreate(input: {channel: "default-channel", lines: $l})'
ask(create + " { checkout { id } errors { message } } }", "checkout", l=lines)
checkout = seen["checkout"]["data"]["checkoutCreate"]["checkout"]["id"]

with connections["default"].execute_wrapper(restrict_writer):
    ask("liveChannels", token=owner)
    settings_ = {"active": True, "priceThreshold": "12.50", "priceStrength": "OFFER"}
    ask("liveChannelSettingsUpdate", token=owner, channel="default-channel", input=settings_)
    hours = {"timeZone": "Europe/Berlin", "openingHours": [{"weekday": "MONDAY", "start": "09:00", "end": "17:30"}]}
    ask("liveChannelSettingsUpdate", token=owner, channel="default-channel", input=hours)
    ask("liveOpenings", token=owner)
    ask("liveChannelSettingsUpdate", token=owner, channel="default-channel", input={"openingHours": []})
    ask("liveChannelSettings", token=owner, channel="default-channel")
    ask("liveAppearanceUpdate", token=owner, channel="default-channel", input={"accent": "#fd0", "radius": 4})
    said = {"ticket": ticket, "channel": "default-channel", "key": str(uuid.uuid4()), "email": "a@b.com", "text": "?"}
    ask("liveInquiryCreate", input=said)
    ask("liveRepPresenceUpdate", token=rep, input={"status": "ONLINE"})
    ask("liveStorefront", channel="default-channel")
    ask("liveVisitorIdentify", token=shopper, input={"ticket": ticket})
    started = {"ticket": ticket, "channel": "default-channel", "productId": product["id"], "checkoutId": checkout}
    session = ask("liveSessionStart", input=started)["session"]["id"]
    ask("liveSessions", token=rep, first=10)
    ask("liveSessionAccept", token=rep, id=session)
    for number, (token, shown) in enumerate([(None, ticket), (rep, None)]):
        said = {"sessionId": session, "key": str(uuid.uuid4()), "text": "<b>Hi</b>", "ticket": shown}
        ask("liveMessageSend", f"liveMessageSend{number}", token=token, input=said)
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(file, "PNG")
    file = io.BytesIO(file.getvalue())
    file.name = "ring.png"
    shown = {"sessionId": session, "key": str(uuid.uuid4()), "image": None, "ticket": ticket}
    sent = ask_with_file("livePictureSend", file, input=shown)
    picture = ask("livePicture", token=rep, id=sent["message"]["picture"]["id"])
    path = "/plugins/" + picture["small"].split("/plugins/")[1]
    served = client.get(path)
    tampered = client.get(path.replace("/small", "x/small"))
    ask("liveSession", token=rep, id=session, first=10)
    ask("liveSession", "liveSession by its visitor", id=session, ticket=ticket, first=10)
    with allow_writer():
        from saleor_livesales.visitors.models import Visit
        moment = datetime.datetime.now(datetime.timezone.utc)
        Visit.objects.create(
            visitor_id=visitor_id, channel="default-channel", started_at=moment, last_seen_at=moment,
            last_event_id="1-0", product_id=product["id"], checkout_id=checkout,
            facts={"trail": [{"url": "https://shop.test/lamp", "product": product["id"]}]},
        )
    ask("liveVisitors", token=rep, first=10)
    noticed = seen["liveVisitors"]["data"]["liveVisitors"]["edges"][0]["node"]["id"]
    ask("liveVisitor", token=rep, id=noticed)
    ask("liveDecisions", token=rep, visitorId=noticed, first=5)
    ask("liveOfferMake", token=rep, input={"visitorId": noticed, "greeting": "May I help?"})
    with allow_writer():
        from saleor_livesales.visitors.models import Visitor
        blocked = Visitor.objects.create(created_at=moment)
    blocked = base64.b64encode(f"LiveVisitor:{blocked.pk}".encode()).decode()
    ask("liveVisitorBlock", token=rep, input={"visitorId": blocked, "duration": "DAY", "reason": "Insults"})
    ask("liveVisitorBlocks", token=owner, first=10)
    ask("liveVisitorUnblock", token=rep, visitorId=blocked)
    ask("liveRep", token=rep)
    ask("liveReps", token=owner, first=10)
    ask("liveInquiries", token=rep, first=10)
    piece = {"name": "Spring", "kind": "CATALOGUE", "channel": "default-channel", "productId": product["id"],
             "landingUrl": "https://shop.test/lamp", "personal": True}
    piece = ask("livePrintPieceCreate", token=owner, input=piece)["piece"]["id"]
    ask("livePrintPieceRecipientsAdd", token=owner, id=piece, recipients=[{"reference": "1", "name": "Ada"}])
    file = ask("livePrintPieceDownload", token=owner, id=piece, format="CSV")["file"]
    code = base64.b64decode(file["content"]).decode().split()[1].split(",")[2]
    ask("liveSignInCodeRedeem", ticket=ticket, code=code)
    ask("livePrintPieces", token=owner, first=10)
    ask("livePrintPiece", token=owner, id=piece)
    codes = ask("liveSignInCodes", token=owner, filter={"piece": piece}, first=10)
    ask("livePrintPieceUpdate", token=owner, id=piece, input={"name": "Summer"})
    ask("livePrintPiecePrinted", token=owner, id=piece)
    ask("liveSignInCodeRevoke", token=owner, id=codes["edges"][0]["node"]["id"])
    ask("livePrintPieceRevoke", token=owner, id=piece)
    unknown = "TGl2ZU9mZmVyOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA=="
    ask("liveOfferAccept", id=unknown, ticket=ticket)
    ask("liveOfferDecline", id=unknown, ticket=ticket)
    ask("liveMemberBadge", ticket=ticket)
    ask("liveSessionEnd", token=rep, id=session)
    ask("liveSessionRate", input={"sessionId": session, "ticket": ticket, "score": 4, "comment": "Kind"})
    plan = {"name": "Circle", "productId": product["id"], "variantId": product["variants"][0]["id"], "period": "P1M"}
    plan = ask("liveMembershipPlanCreate", token=owner, input={**plan, "trial": "P7D"})["plan"]["id"]
    ask("liveMembershipPlanUpdate", token=owner, id=plan, input={"graceDays": 3})
    ask("liveMembershipPlans", channel="default-channel")
    ask("liveMembershipTrialStart", token=shopper, planId=plan, channel="default-channel")
    member = ask("liveMembership", token=shopper)["id"]
    ask("liveMembershipCancel", token=shopper, id=member)
    ask("liveMembershipResume", token=shopper, id=member)
    ask("livePaymentMethod", token=shopper)
    ask("livePaymentMethodLink", token=shopper, returnUrl="https://shop.test/account")
    ask("livePaymentMethodRemove", token=shopper, id=unknown)
    ask("liveMembershipChange", token=shopper, id=member, planId=plan, atOnce=False)
    ask("{ me { id } }", "me", token=shopper)
    shopper_id = seen.pop("me")["data"]["me"]["id"]
    given = {"planId": plan, "channel": "default-channel", "periods": 1, "reason": "a prize"}
    ask("liveMembershipGrant", token=owner, userId=shopper_id, **given)
    dear = {"name": "Inner circle", "productId": other["id"], "variantId": other["variants"][0]["id"], "period": "P1D"}
    dear = ask("liveMembershipPlanCreate", token=owner, input=dear)["plan"]["id"]
    money = {"id": member, "periods": 12, "amount": "5000.00", "reason": "cash"}
    ask("liveMembershipExtend", token=owner, **money)
    ask("liveMembershipQuote", token=shopper, id=member, planId=dear)
    ask("liveMembershipCodeReplace", token=owner, id=member)
    letter = ask("liveLetterCreate", token=owner, membershipId=member)["letter"]
    ask("liveLetters", token=owner, first=10, filter={"state": ["QUEUED"], "number": letter["number"][:3].lower()})
    style = {"form": "US10", "sender": "Shop\\nBerlin", "country": "DE"}
    ask("liveLetterStyleUpdate", token=owner, channel="default-channel", input=style)
    ask("liveLetterStyle", token=owner, channel="default-channel")
    ask("liveLetterPreview", token=owner, channel="default-channel", language="ar")
    batch = ask("liveLetterBatchCreate", token=owner, channel="default-channel")["batch"]["id"]
    from saleor_livesales.letters.tasks import letters_work
    letters_work()
    shown = ask("liveLetterBatches", token=owner, first=10)["edges"][0]["node"]
    seen["letters"] = client.get(shown["lettersUrl"].split("shop.test")[1]).content[:5].decode()
    ask("liveLetterBatchMark", token=owner, id=batch, state="PRINTED")
    ask("liveLetterConfirm", token=owner, number=letter["number"])
    ask("liveLetterReturned", token=owner, number=letter["number"])
    ask("liveLetterRetry", token=owner, id=letter["id"])
    ask("liveDeliveries", token=owner, first=10)
    channel = {"channel": "default-channel"}
    words = {"subject": "Come in", "text": "{{ name }}: {{ code }}", "html": "<p>{{ code }}</p>"}
    mail = {**channel, "template": "MEMBER_CODE", "language": "en"}
    ask("liveLetterWay", token=owner, **channel)
    ask("liveLetterWayUpdate", token=owner, **channel, input={"way": "PRINT", "price": 1.25, "currency": "USD"})
    ask("liveMailSettings", token=owner, **channel)
    ask("liveMailSettingsUpdate", token=owner, **channel, input={"sender": "Shop <live@shop.example>"})
    ask("liveMailPreview", token=owner, **mail, input=words)
    ask("liveMailTemplateUpdate", token=owner, **mail, input=words)
    ask("liveMailTemplateReset", token=owner, **mail)
    ask("liveMembershipExtend", token=owner, id=member, periods=1, amount="12.50", reason="cash")
    ask("liveMembershipRevoke", token=owner, id=member, reason="at the end of the test")
    ask("liveMemberships", token=owner, first=10, filter={"search": "shopper@"})
    ask("liveMembershipMonths", token=owner, months=12, timeZone="Europe/Berlin")
    month = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    ask("liveMembershipIncome", token=owner, **month)
    ask("liveMemberships", "members refused", token=rep, first=10)
    ask("liveMembershipCancel", "member's mutation by nobody", id=member)
    ask("liveVisitors", "refused", token=stranger, first=10)
    ask("{ customers(first: 1) { totalCount } }", "refused by Saleor", token=rep)
    ask("liveSessionAccept", "refused mutation", token=stranger, id=session)
    ask("liveSessionAccept", "owner's mutation by nobody", id=session)
    ask("liveSession", "bad ticket", id=session, ticket="x", first=1)
picture = {
    "status": served.status_code, "type": served["Content-Type"], "start": served.content[:12].hex(),
    "cache": served["Cache-Control"], "policy": served["Content-Security-Policy"], "tampered": tampered.status_code,
}
answer({"served": picture, "seen": seen, "product": product, "checkout": checkout, "session": session})
"""


UNKNOWN = ("liveOfferAccept", "liveOfferDecline", "livePaymentMethodRemove")


@pytest.fixture(scope="module")
def answers(host, stripe):
    with host.database("host_operations") as name:
        code = f"DOCUMENTS = {DOCUMENTS!r}\nVISITOR = {str(uuid.uuid4())!r}\n" + PROGRAM
        yield host.run(code, env=host.env(name, LIVESALES_STRIPE_KEY=KEY, LIVESALES_STRIPE_API=stripe.url))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_documented_operation(answers, name):
    for label, result in answers["seen"].items():
        if label.rstrip("01") == name:
            assert "errors" not in result, result
            payload = result["data"][name]
            expected = ["NOT_FOUND"] if name in UNKNOWN else []
            expected = ["VISITOR_IN_SESSION"] if name == "liveOfferMake" else expected
            if isinstance(payload, dict) and "errors" in payload:
                assert [error["code"] for error in payload["errors"]] == expected, payload
            break
    else:
        pytest.fail(f"{name} was not asked")


def test_a_rep_sees_saleors_product_and_the_customer(answers):
    seen = answers["seen"]
    [node] = [edge["node"] for edge in seen["liveSessions"]["data"]["liveSessions"]["edges"]]
    assert node["product"] == {"id": answers["product"]["id"], "name": answers["product"]["name"]}
    assert (node["visitor"]["name"], node["state"]) == ("Sam Shopper", "RINGING")
    [visitor] = [edge["node"] for edge in seen["liveVisitors"]["data"]["liveVisitors"]["edges"]]
    assert visitor["profile"]["email"] == "shopper@example.com"
    assert visitor["cart"]["quantity"] == 2
    assert visitor["product"]["name"] == answers["product"]["name"]
    [page] = seen["liveVisitor"]["data"]["liveVisitor"]["trail"]
    assert (page["url"], page["product"]["name"]) == ("https://shop.test/lamp", answers["product"]["name"])
    accepted = seen["liveSessionAccept"]["data"]["liveSessionAccept"]["session"]
    assert (accepted["state"], accepted["visitor"]["profile"]["email"]) == ("ACTIVE", "shopper@example.com")


def test_members_of_a_real_saleor(answers):
    seen = answers["seen"]
    [edge] = seen["liveMemberships"]["data"]["liveMemberships"]["edges"]
    node = edge["node"]
    assert (node["state"], node["entitled"], node["profile"]["email"]) == ("CANCELLED", False, "shopper@example.com")
    assert [(row["kind"], row["actor"]) for row in node["changes"]] == [
        ("cancel", "staff"), ("pay", "staff"), ("pay", "staff"), ("pay", "staff"), ("resumed", "member"),
        ("ending", "member"), ("try", "member"),
    ]  # fmt: skip
    assert seen["liveMembershipIncome"]["data"]["liveMembershipIncome"] == [
        {name: {"amount": amount, "currency": "USD"} for name, amount in
         (("charged", 5012.5), ("refunded", 0.0), ("kept", 5012.5))}
    ]  # fmt: skip
    assert seen["liveMembershipPlans"]["data"]["liveMembershipPlans"][0]["variant"] == {
        "id": answers["product"]["variants"][0]["id"], "name": seen["liveMembershipPlans"]["data"][
            "liveMembershipPlans"][0]["variant"]["name"],
    }  # fmt: skip
    for label in ("members refused", "member's mutation by nobody"):
        assert seen[label]["errors"][0]["extensions"] == {"exception": {"code": "PermissionDenied"}}, label


def test_settings_carry_saleors_money(answers):
    settings = answers["seen"]["liveChannelSettings"]["data"]["liveChannelSettings"]
    assert settings["priceThreshold"] == {"amount": 12.5, "currency": "USD"}


def test_both_read_the_same_messages(answers):
    by_rep = answers["seen"]["liveSession"]["data"]["liveSession"]
    by_visitor = answers["seen"]["liveSession by its visitor"]["data"]["liveSession"]
    assert by_rep["messages"] == by_visitor["messages"]
    texts = [(edge["node"]["sender"], edge["node"]["text"]) for edge in by_rep["messages"]["edges"]]
    assert texts == [("VISITOR", "<b>Hi</b>"), ("REP", "<b>Hi</b>"), ("VISITOR", "")]


def test_a_picture_is_served_by_the_plugins_hook(answers):
    sent = answers["seen"]["livePictureSend"]["data"]["livePictureSend"]["message"]
    assert (sent["picture"]["width"], sent["picture"]["height"]) == (64, 48)
    served = answers["served"]
    start = bytes.fromhex(served.pop("start"))
    assert (start[:4], start[8:]) == (b"RIFF", b"WEBP")
    assert served == {
        "status": 200,
        "type": "image/webp",
        "cache": "private, max-age=300, immutable",
        "policy": "default-src 'none'; sandbox",
        "tampered": 404,
    }


@pytest.mark.parametrize("label", ["refused", "refused mutation", "owner's mutation by nobody"])
def test_a_refusal_looks_as_saleors_own(answers, label):
    ours, saleors = answers["seen"][label], answers["seen"]["refused by Saleor"]
    assert ours["errors"][0]["extensions"] == saleors["errors"][0]["extensions"]
    assert ours["errors"][0]["extensions"] == {"exception": {"code": "PermissionDenied"}}
    assert ours["errors"][0]["message"].startswith("To access this path, you need one of the following permissions: ")
    assert saleors["errors"][0]["message"].startswith(
        "To access this path, you need one of the following permissions: "
    )


def test_a_bad_ticket_in_a_query_has_its_code(answers):
    [error] = answers["seen"]["bad ticket"]["errors"]
    assert error["message"] == "The ticket is not valid. Ask for a new one."
    assert error["extensions"]["code"] == "INVALID_TICKET"
