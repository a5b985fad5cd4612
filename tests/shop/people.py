"""Those who take part: visitors on their sockets, reps at their desks, and what the owner can read of it all."""

from __future__ import annotations

import time
import uuid
from typing import Any

from saleor_livesales import wire
from saleor_livesales.offers.decider import RULES_FOR

from ..live_client import Live
from .client import CHANNEL, Api

IDENTIFY = """mutation($input: LiveVisitorIdentifyInput!) { liveVisitorIdentify(input: $input) {
  visitor { id name assurance user { id } profile { email } } errors { field code } } }"""
START = """mutation($input: LiveSessionStartInput!) { liveSessionStart(input: $input) {
  session { id state form product { id } visitor { id } rep { id } } errors { field code } } }"""
OFFER_ACCEPT = """mutation($id: ID!, $ticket: String!, $form: LiveSessionFormEnum = CHAT) {
  liveOfferAccept(id: $id, ticket: $ticket, form: $form) {
  offer { id state } session { id state } errors { field code } } }"""
OFFER_DECLINE = """mutation($id: ID!, $ticket: String!) { liveOfferDecline(id: $id, ticket: $ticket) {
  offer { id state } errors { field code } } }"""
ACCEPT = """mutation($id: ID!) { liveSessionAccept(id: $id) { session { id state repName } errors { field code } } }"""
END = """mutation($id: ID!, $ticket: String) { liveSessionEnd(id: $id, ticket: $ticket) {
  session { id state endReason } errors { field code } } }"""
SEND = """mutation($input: LiveMessageSendInput!) { liveMessageSend(input: $input) {
  message { number sender text key } errors { field code } } }"""
PRESENCE = """mutation($input: LiveRepPresenceUpdateInput!) { liveRepPresenceUpdate(input: $input) {
  rep { id name status capacity online } ticket gatewayUrl errors { field code } } }"""
INQUIRE = """mutation($input: LiveInquiryCreateInput!) { liveInquiryCreate(input: $input) {
  inquiry { id email text } errors { field code } } }"""
CONFIGURE = """mutation($channel: String!, $input: LiveChannelSettingsInput!) {
  liveChannelSettingsUpdate(channel: $channel, input: $input) {
  settings { channel active priceThreshold { amount currency } priceStrength requestsAllowed greeting contactEmail }
  errors { field code } } }"""
SESSION = """query($id: ID!, $ticket: String) { liveSession(id: $id, ticket: $ticket) {
  id state endReason lastNumber rep { name } visitor { id } messages(first: 100) { edges { node {
  number sender text } } } } }"""
SESSIONS = """query($filter: LiveSessionFilterInput, $ticket: String) {
  liveSessions(filter: $filter, ticket: $ticket, first: 100) { totalCount edges { node { id state } } } }"""
EVERYTHING = """{
  liveSessions(first: 100) { totalCount edges { node { id state endReason lastNumber messages(first: 100) {
    edges { node { number text } } } } } }
  liveInquiries(first: 100) { totalCount }
  liveReps(first: 100) { edges { node { name status capacity } } }
  liveChannels { channel active priceThreshold { amount } priceStrength requestsAllowed greeting contactEmail }
}"""
SETTINGS = """{ liveChannels { channel active priceThreshold { amount } priceStrength requestsAllowed greeting timeZone
  openingHours { weekday start end } specialDays { date name yearly spans { start end } } } }"""
OPEN = ["REQUESTED", "QUEUED", "RINGING", "ACTIVE", "ON_HOLD"]
STANDARD = {
    "active": True,
    "priceThreshold": "100.00",
    "priceStrength": "OFFER",
    "requestsAllowed": True,
    "greeting": "Shall we help you?",
    "contactEmail": "owner@example.com",
    "timeZone": "UTC",
    "openingHours": [],
    "specialDays": [],
}


def codes(answer: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(error["field"], error["code"]) for error in answer["errors"]]


def everything(api: Api) -> dict[str, Any]:
    """All that a mutation could have changed, as the owner reads it."""
    return api.data(EVERYTHING, api.token("owner"))


def decisions(api: Api, visitor: str) -> list[dict[str, Any]]:
    query = """query($id: ID!) { liveDecisions(visitorId: $id, first: 100) { edges { node {
      outcome rule reason offer { id state } } } } }"""
    return [edge["node"] for edge in api.only(query, api.token("rep"), id=visitor)["edges"]]


def configure(api: Api, **changes: Any) -> None:
    """Settings of the channel; where they change, the deciders know it when this returns."""
    before = _settings(api)
    _configure(api, changes)
    if _settings(api) != before:
        time.sleep(RULES_FOR + 0.5)


def _settings(api: Api) -> dict[str, Any]:
    found = api.only(SETTINGS, api.token("owner"))
    return next(settings for settings in found if settings["channel"] == CHANNEL)


def _configure(api: Api, changes: dict[str, Any]) -> None:
    answer = api.only(CONFIGURE, api.token("owner"), channel=CHANNEL, input=changes)
    assert codes(answer) == []


class Visitor:
    """A browser with the widget: a socket, and a ticket for GraphQL."""

    def __init__(self, api: Api, token: str | None = None) -> None:
        self.api = api
        self.live = Live(api.stack.urls["gateway"], origin=api.origin)
        welcome = self.live.greet(CHANNEL, token=token)
        self.id, self.ticket, self.token = welcome.id, str(welcome.ticket), str(welcome.token)

    def look_at(self, slug: str) -> None:
        self.live.send(wire.PageViewed(url=f"{self.api.origin}/product.html?{slug}", title=slug))
        self.live.send(wire.ProductViewed(product=self.api.product(slug)["id"]))

    def offered(self) -> wire.OfferMade:
        """Looks at what is worth an offer, and gets it."""
        self.look_at("tray-table")
        return self.next_offer()

    def next_offer(self, timeout: float = 15.0) -> wire.OfferMade:
        """Where none comes, the failure tells why the decider was silent."""
        try:
            return self.live.next(wire.OfferMade, timeout=timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}; decided: {decisions(self.api, self.id)}") from None

    def start(self, **given: Any) -> dict[str, Any]:
        return self.api.only(START, input={"ticket": self.ticket, "channel": CHANNEL, **given})

    def send(self, session: str, text: str, **given: Any) -> dict[str, Any]:
        said = {"sessionId": session, "ticket": self.ticket, "key": str(uuid.uuid4()), "text": text, **given}
        return self.api.only(SEND, input=said)

    def read(self, session: str) -> dict[str, Any] | None:
        return self.api.only(SESSION, id=session, ticket=self.ticket)


class Rep:
    """A rep at the desk, online until ``leave``."""

    def __init__(self, api: Api, name: str = "rep") -> None:
        self.api, self.name = api, name
        answer = self.presence("ONLINE", capacity=6)
        assert codes(answer) == []
        self.live = Live(api.stack.urls["gateway"], origin=api.stack.urls["console"].rstrip("/"))
        self.live.greet_as_rep(answer["ticket"])

    def presence(self, status: str, **given: Any) -> dict[str, Any]:
        return self.api.only(PRESENCE, self.api.token(self.name), input={"status": status, **given})

    def accept(self, session: str) -> dict[str, Any]:
        return self.api.only(ACCEPT, self.api.token(self.name), id=session)

    def send(self, session: str, text: str, **given: Any) -> dict[str, Any]:
        said = {"sessionId": session, "key": str(uuid.uuid4()), "text": text, **given}
        return self.api.only(SEND, self.api.token(self.name), input=said)

    def read(self, session: str) -> dict[str, Any] | None:
        return self.api.only(SESSION, self.api.token(self.name), id=session)

    def leave(self) -> None:
        self.live.close()
        self.presence("OFFLINE")


def end_all(api: Api) -> None:
    """As the owner may."""
    owner = api.token("owner")
    for edge in api.only(SESSIONS, owner, filter={"state": OPEN})["edges"]:
        api.only(END, owner, id=edge["node"]["id"])
