"""From the code of a printed piece to an order in Saleor's checkout, counted for the piece."""

import base64
import csv
import datetime
import io
import uuid

from saleor_livesales.tokens import Signer

from .saleor import SIGNING_KEYS
from .test_member_codes import REDEEM
from .test_members import Buyer, buyer, plan, work  # noqa: F401

CREATE = (
    """mutation($i: LivePrintPieceCreateInput!) { livePrintPieceCreate(input: $i) { piece { id } errors { code } } }"""
)
FILE = """mutation($id: ID!) { livePrintPieceDownload(id: $id, format: CSV) { file { content } errors { code } } }"""
IDENTIFY = """mutation($ticket: String!) { liveVisitorIdentify(input: {ticket: $ticket}) { errors { code } } }"""
PIECE = """query($id: ID!) { livePrintPiece(id: $id) { counts { redemptions orders income { amount currency } } } }"""


def visitor(web, piece, buyer, admin):  # noqa: F811
    """A browser that entered the piece's code and is signed in to the buyer's account."""
    key, _, secret = SIGNING_KEYS.partition(":")
    ticket = Signer({key: secret}).sign(
        kind="visitor-ticket", subject=uuid.uuid4(), now=datetime.datetime.now(datetime.UTC)
    )
    file = web.data(FILE, {"id": piece}, admin)["livePrintPieceDownload"]["file"]
    [row] = csv.DictReader(io.StringIO(base64.b64decode(file["content"]).decode("utf-8-sig")))
    opened = web.data(REDEEM, {"ticket": ticket, "code": row["code"]})["liveSignInCodeRedeem"]
    assert (opened["errors"], opened["opened"]["opens"]) == ([], "PIECE")
    assert web.data(IDENTIFY, {"ticket": ticket}, buyer.token)["liveVisitorIdentify"]["errors"] == []


def test_an_order_of_whoever_entered_the_code(host, web, admin, plan, buyer):  # noqa: F811
    products = '{ products(first: 1, channel: "default-channel") { edges { node { id } } } }'
    [edge] = web.data(products)["products"]["edges"]
    given = {
        "name": "Ad", "kind": "AD", "channel": "default-channel", "productId": edge["node"]["id"],
        "landingUrl": "https://shop.test/", "personal": False,
    }  # fmt: skip
    made = web.data(CREATE, {"i": given}, admin)["livePrintPieceCreate"]
    assert made["errors"] == []
    piece = made["piece"]["id"]

    def counts():
        return web.data(PIECE, {"id": piece}, admin)["livePrintPiece"]["counts"]

    buyer.buy()  # before the code
    visitor(web, piece, buyer, admin)
    assert work(host, web) == []
    assert counts() == {"redemptions": 1, "orders": 0, "income": None}

    _, transaction, total = buyer.buy()
    stranger = Buyer(host, web, admin, plan["variant"])
    stranger.buy()
    for _ in range(2):
        assert work(host, web) == []
    assert counts() == {"redemptions": 1, "orders": 1, "income": {"amount": total, "currency": "USD"}}

    buyer.refund(transaction, charged=total - 10, refunded=10)
    assert work(host, web) == []
    assert counts()["income"] == {"amount": total - 10, "currency": "USD"}
    buyer.refund(transaction, charged=0, refunded=total)
    assert work(host, web) == []
    assert counts() == {"redemptions": 1, "orders": 0, "income": None}
