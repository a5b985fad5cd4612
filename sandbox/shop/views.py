"""The HTTP side: GraphQL with Saleor's answers and CORS headers, the key set, the plugin's files, pictures."""

from __future__ import annotations

import datetime
import json
import logging
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError
from graphql.error import format_error

from saleor_livesales.dashboard import serve
from saleor_livesales.fees import events as fee_events
from saleor_livesales.letters import serve as letters
from saleor_livesales.mails import webhooks as mail_webhooks
from saleor_livesales.pictures import serve as pictures
from saleor_livesales.postings import webhooks as post_webhooks

from . import auth, keys
from .graphql import schema
from .models import SiteSettings
from .permissions import PermissionDenied
from .pictures import picture as draw

logger = logging.getLogger(__name__)
SHOWN = (GraphQLError, PermissionDenied, jwt.InvalidTokenError)  # whose text a client may read
INTERNAL = "Internal Server Error"
TOO_BIG = "Int cannot represent non 32-bit signed integer value"
ABOUT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stand-in shop</title>
<body style="font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem">
<h1>This is the stand-in shop</h1>
<p>It answers the part of Saleor's GraphQL API that live sales and its demo need, with Saleor's own names and errors.
It keeps no real orders. In production, Saleor is here.</p>
<p>Send queries as <code>POST</code> with a JSON body: <code>{"query": "{ shop { name } }"}</code>.</p></body></html>"""


def cors(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Saleor's headers: the origin comes back when it is allowed, and every answer depends on it."""
    origin = request.headers.get("Origin", "")
    allowed = bool(origin) and any(fnmatchcase(origin, pattern) for pattern in settings.ALLOWED_GRAPHQL_ORIGINS)
    if request.method == "OPTIONS":
        response = HttpResponse(status=200 if allowed else 400)
        del response["Content-Type"]
        response["Access-Control-Allow-Headers"] = (
            "Origin, Content-Type, Accept, Authorization, Source-Service-Name, Authorization-Bearer"
        )
        response["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        response["Access-Control-Max-Age"] = "600"
        response["Vary"] = "Origin"
    response["Access-Control-Allow-Credentials"] = "true"
    if response.has_header("Access-Control-Allow-Origin"):
        del response["Access-Control-Allow-Origin"]
    if allowed:
        response["Access-Control-Allow-Origin"] = origin
        patch_vary_headers(response, ["Origin"])
    return response


class CorsMiddleware:
    """Around every answer, as in Saleor, where it wraps the whole application."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = HttpResponse() if request.method == "OPTIONS" else self.get_response(request)
        return cors(request, answer)


def _shown(error: Any) -> dict[str, Any]:
    """An error as Saleor formats it: the class of its cause is its code; unexpected ones tell nothing."""
    result: dict[str, Any] = dict(format_error(error)) if isinstance(error, GraphQLError) else {"message": str(error)}
    cause: Any = error
    while isinstance(cause, GraphQLError) and (inner := getattr(cause, "original_error", None)) is not None:
        cause = inner
    if not isinstance(cause, SHOWN):
        logger.error("A query failed unexpectedly", exc_info=cause)
        result["message"] = INTERNAL
    result["extensions"] = {**result.get("extensions", {}), "exception": {"code": type(cause).__name__}}
    return result


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return str(value)


def _answer(data: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(data, default=_number), content_type="application/json", status=status)


def _refuse(message: str, status: int = 400) -> HttpResponse:
    return _answer({"errors": [_shown(GraphQLError(message))]}, status)


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return HttpResponse(ABOUT)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "GET, OPTIONS, POST"})
    try:
        body = _multipart(request) if request.content_type == "multipart/form-data" else json.loads(request.body)
        if not isinstance(body, dict):
            raise ValueError
    except RequestDataTooBig:
        return _refuse("Request body exceeds maximum size.", 413)
    except ValueError:
        return _refuse("Unable to parse query.")
    query = body.get("query")
    if not query or not isinstance(query, str):
        return _refuse("Must provide a query string.")
    result = schema.current().execute(
        query,
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
        context_value=request,
    )
    if result.invalid:  # nothing was executed
        return _answer({"errors": [_shown(_of_variables(error)) for error in result.errors]}, 400)
    data: dict[str, Any] = {}
    if result.errors:
        data["errors"] = [_shown(error) for error in result.errors]
    return _answer({**data, "data": result.data})


def _multipart(request: HttpRequest) -> Any:
    """The operation of a request with files, each of its variables that ``map`` names being the name of a part.

    https://github.com/jaydenseric/graphql-multipart-request-spec, as far as Saleor has it: one operation.
    """
    operation = json.loads(request.POST.get("operations", "{}"))
    for part, paths in json.loads(request.POST.get("map", "{}")).items():
        for path in paths:
            *parents, last = path.split(".")
            holder = operation
            for name in parents:
                holder = holder[int(name)] if isinstance(holder, list) else holder[name]
            holder[int(last) if isinstance(holder, list) else last] = part
    return operation


def _of_variables(error: Exception) -> Exception:
    """A number that its type does not take: Saleor shows the text of what was raised."""
    known = isinstance(error, ValueError) or str(error).startswith(TOO_BIG)
    return GraphQLError(str(error)) if known and not isinstance(error, GraphQLError) else error


def jwks(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(keys.jwks())


def health(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=200)


def picture(_request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(draw(slug), content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


def plugin(request: HttpRequest, path: str) -> HttpResponse:
    """What the plugin's HTTP hook answers on Saleor, below /plugins/saleor.livesales/."""
    if not SiteSettings.load().live_sales_active:
        return HttpResponse(status=404)
    if path.startswith(pictures.PREFIX):
        shown = pictures.respond(
            path.removeprefix(pictures.PREFIX), method=request.method or "GET", now=datetime.datetime.now(datetime.UTC)
        )
        return HttpResponse(shown.body, status=shown.status, headers=dict(shown.headers))
    if path.startswith(mail_webhooks.PREFIX):
        provider = path.removeprefix(mail_webhooks.PREFIX).strip("/")
        return mail_webhooks.respond(provider, request, now=datetime.datetime.now(datetime.UTC))
    if path.startswith(letters.PREFIX):
        file = letters.respond(
            path.removeprefix(letters.PREFIX), method=request.method or "GET", now=datetime.datetime.now(datetime.UTC)
        )
        return HttpResponse(file.body, status=file.status, headers=dict(file.headers))
    if path.startswith(fee_events.PREFIX):
        provider = path.removeprefix(fee_events.PREFIX).strip("/")
        return fee_events.respond(provider, request, now=datetime.datetime.now(datetime.UTC))
    if path.startswith(post_webhooks.PREFIX):
        provider = path.removeprefix(post_webhooks.PREFIX)
        return post_webhooks.respond(provider, request, now=datetime.datetime.now(datetime.UTC))
    found = serve.respond(
        path,
        api_url=auth.issuer(),
        frame_ancestors=settings.FRAME_ANCESTORS,
        method=request.method or "GET",
        if_none_match=request.headers.get("If-None-Match", ""),
        accept_encoding=request.headers.get("Accept-Encoding", ""),
        query=request.META.get("QUERY_STRING", ""),
    )
    return HttpResponse(found.body, status=found.status, headers=dict(found.headers))
