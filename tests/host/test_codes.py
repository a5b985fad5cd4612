"""A code on a real Saleor: entered as a variable it works, and it stands in nothing that Saleor keeps or logs."""

import pytest

PROGRAM = """
import base64, datetime, logging, uuid
from unittest import mock
import sentry_sdk
from sentry_sdk.transport import Transport
from celery.signals import before_task_publish, task_prerun
from django.conf import settings
from django.db import connection
from django.test import Client
from saleor.webhook.observability.sensitive_data import SENSITIVE_GQL_FIELDS
from saleor_livesales import conf

settings.DEBUG = False
logged, statements, tasks, events = [], [], [], []

class Sent(Transport):
    def capture_envelope(self, envelope):
        events.append(repr([item.payload.json or item.payload.bytes for item in envelope.items]))

sentry_sdk.get_client().transport = Sent()

class Keep(logging.Handler):
    def emit(self, record):
        logged.append(logging.Formatter().format(record) + repr(record.__dict__))

root = logging.getLogger()
root.setLevel(logging.DEBUG)
keep = Keep()
for name in ["", *logging.root.manager.loggerDict]:
    logger = logging.getLogger(name)
    logger.disabled = False
    logger.setLevel(logging.DEBUG)
    if not logger.propagate or not name:
        logger.addHandler(keep)
task_prerun.connect(lambda **given: tasks.append(repr(given)), weak=False)
before_task_publish.connect(lambda **given: tasks.append(repr(given)), weak=False)

def note(execute, sql, params, many, context):
    statements.append(f"{sql} {params!r}")
    return execute(sql, params, many, context)

client = Client()

def ask(query, token=None, **variables):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    body = {"query": query, "variables": variables}
    return client.post("/graphql/", body, content_type="application/json", **headers).json()

sign_in = 'mutation { tokenCreate(email: "owner@example.com", password: "password") { token } }'
owner = ask(sign_in)["data"]["tokenCreate"]["token"]
found = ask('{ products(first: 1, channel: "default-channel") { edges { node { id } } } }')
product = found["data"]["products"]["edges"][0]["node"]["id"]
activate = 'liveChannelSettingsUpdate(channel: "default-channel", input: {active: true}) { errors { code } }'
ask("mutation { %s }" % activate, owner)
made = ask(
    "mutation($i: LivePrintPieceCreateInput!) { livePrintPieceCreate(input: $i) { piece { id } errors { code } } }",
    owner,
    i={"name": "Ad", "kind": "AD", "channel": "default-channel", "productId": product,
       "landingUrl": "https://shop.test/", "personal": False},
)
piece = made["data"]["livePrintPieceCreate"]["piece"]["id"]
file = ask(
    "mutation($id: ID!) { livePrintPieceDownload(id: $id, format: CSV) { file { content } } }", owner, id=piece
)["data"]["livePrintPieceDownload"]["file"]
code = base64.b64decode(file["content"]).decode().split()[1].split(",")[2]
ticket = conf.load().signer.sign(
    kind="visitor-ticket", subject=uuid.uuid4(), now=datetime.datetime.now(datetime.timezone.utc)
)
logged.clear()
redeem = "liveSignInCodeRedeem(ticket: $ticket, code: %s) { opened { name } errors { code } }"
document = "mutation($ticket: String!, $code: LiveCode!) { " + redeem % "$code" + " }"

def broken(*args, code, **given):
    typed = code.reveal()
    raise RuntimeError("broken")

with connection.execute_wrapper(note):
    results = {
        "variable": ask(document, ticket=ticket, code=code),
        "again": ask(document, ticket=ticket, code=code.lower()),
        "wrong": ask(document, ticket=ticket, code=code[:-1]),
        "bad ticket": ask(document, ticket="x", code=code),
        "no ticket": ask(document, code=code),
    }
    with mock.patch("saleor_livesales.codes.redeem.redeem", broken):
        results["broken"] = ask(document, ticket=ticket, code=code)
    with mock.patch("saleor.graphql.views.GraphQLView.parse_query", side_effect=RuntimeError("view")):
        client.raise_request_exception = False
        body = {"query": document, "variables": {"ticket": ticket, "code": code}}
        results["view"] = client.post("/graphql/", body, content_type="application/json").content.decode()
    told = [text for text in (*logged, *statements, *tasks, *events) if code in text or code.replace("-", "") in text]
    results["literal"] = ask("mutation($ticket: String!) { " + redeem % ('"' + code + '"') + " }", ticket=ticket)
    results["default"] = ask(
        'mutation($ticket: String!, $code: LiveCode = "%s") { %s }' % (code, redeem % "$code"), ticket=ticket)
from graphql import get_default_backend
from saleor.graphql.api import schema
from saleor.webhook.observability.obfuscation import _contain_sensitive_field, validate_sensitive_fields_map

validate_sensitive_fields_map(SENSITIVE_GQL_FIELDS, schema)
told_on = [
    query for query in (
        "{ liveMembershipPlans { name } }",
        "{ liveLetterBatches(first: 1) { edges { node { state } } } }",
        "{ liveLetterBatches(first: 1) { edges { node { lettersUrl } } } }",
        "{ liveLetters(first: 1) { edges { node { batch { manifestUrl } } } } }",
        "{ liveMemberships(first: 1) { edges { node { profile { email } } } } }",
        'mutation { livePaymentMethodLink(returnUrl: "https://shop.test/") { url } }',
        'mutation { liveRepPresenceUpdate(input: {}) { ticket } }',
    )
    if not _contain_sensitive_field(get_default_backend().document_from_string(schema, query), SENSITIVE_GQL_FIELDS)
]
answer({
    "told on": told_on, "code": code, "results": results, "told": told,
    "covered": sorted(SENSITIVE_GQL_FIELDS["LivePrintFile"]),
    "logged": len(logged), "statements": len(statements), "tasks": len(tasks), "events": len(events),
    "filtered": sum("[Filtered]" in event for event in events),
})
"""


@pytest.fixture(scope="module")
def answers(host):
    with host.database("host_codes") as name:
        yield host.run(PROGRAM, env={**host.env(name), "SENTRY_DSN": "http://key@127.0.0.1:9/1"})


def payload(answers, label):
    return answers["results"][label]["data"]["liveSignInCodeRedeem"]


def test_as_a_variable_it_opens(answers):
    assert payload(answers, "variable") == {"opened": {"name": "Ad"}, "errors": []}
    assert payload(answers, "again") == {"opened": {"name": "Ad"}, "errors": []}
    assert payload(answers, "wrong") == {"opened": None, "errors": [{"code": "CODE_REFUSED"}]}
    assert payload(answers, "bad ticket") == {"opened": None, "errors": [{"code": "INVALID_TICKET"}]}


@pytest.mark.parametrize("label", ["literal", "default"])
def test_in_the_document_it_is_refused(answers, label):
    told = str(answers["results"][label])
    assert answers["code"] not in told
    assert "CODE_IN_DOCUMENT" in told or answers["results"][label].get("errors")


def test_no_log_statement_or_task_holds_it(answers):
    assert answers["told"] == []
    assert answers["statements"] > 10
    assert answers["events"] >= 2  # Sentry was told of what broke, without the request's body
    assert answers["filtered"] == answers["events"]
    for label in ("broken", "view", "wrong", "bad ticket", "no ticket"):
        assert answers["code"] not in str(answers["results"][label])


def test_saleors_observability_covers_what_is_secret(answers):
    assert answers["covered"] == ["content"]
    assert answers["told on"] == [
        "{ liveMembershipPlans { name } }",
        "{ liveLetterBatches(first: 1) { edges { node { state } } } }",
    ]
