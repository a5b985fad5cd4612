"""The shop's HTTP side as any client sees it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import urllib.parse
from typing import Any, NamedTuple

import jwt

from saleor_livesales.offers.decider import RULES_FOR
from saleor_livesales.tokens import Signer
from sandbox.runner.stack import Stack
from sandbox.runner.targets import ROOT

from ..stack import ON_SALEOR

CHANNEL = "default-channel"
PLUGIN = "saleor.livesales"
TOKEN_LIFE = 150  # seconds; they are good for 300

TOKEN = """mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) {
  token refreshToken errors { field message code } } }"""
EXTENSIONS = """{ appExtensions(first: 50) { edges { node {
  id label url mountName targetName permissions { code } app { id identifier appUrl } accessToken } } } }"""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[str, str]:
        """Code and message of the only error of the request, which answered nothing."""
        (error,) = self.json["errors"]
        data = self.json.get("data")
        assert data is None or set(data.values()) == {None}, data
        return error["extensions"]["exception"]["code"], error["message"]


class Api:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.root = stack.urls["graphql"].removesuffix("/graphql/")
        self.origin = stack.urls["storefront"].rstrip("/")
        self.signing_keys = dict([stack.env["LIVESALES_SIGNING_KEYS"].split(":", 1)])
        self.signer = Signer(self.signing_keys)
        self._tokens: dict[str, tuple[float, str]] = {}

    def http(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """``path`` is sent as it is: nothing is normalised on the way."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.root).netloc, timeout=60)
        connection.putrequest(method, path)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())
        connection.close()
        return answer

    def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Answer:
        return self.post({"query": query, "variables": variables}, token)

    def post(self, body: Any, token: str | None = None, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.http("POST", "/graphql/", data, **{"Content_Type": "application/json", **headers})

    def upload(
        self, query: str, file: bytes, token: str | None = None, /, *, origin: str = "", **variables: Any
    ) -> Answer:
        """A multipart request, as Saleor takes them: the file is the input's image."""
        boundary = "----livesales"
        operations = {"query": query, "variables": {"input": {**variables, "image": None}}}
        fields = {"operations": json.dumps(operations), "map": '{"0": ["variables.input.image"]}'}
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = 'Content-Disposition: form-data; name="0"; filename="../../x.html"\r\nContent-Type: text/html'
        parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), file, f"\r\n--{boundary}--\r\n".encode()]
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if origin:
            headers["Origin"] = origin
        kind = f"multipart/form-data; boundary={boundary}"
        return self.http("POST", "/graphql/", b"".join(parts), Content_Type=kind, **headers)

    def data(self, query: str, token: str | None = None, /, **variables: Any) -> dict[str, Any]:
        """The answer's data. Fails on any error of the request."""
        answer = self.ask(query, token, **variables)
        assert "errors" not in answer.json, answer.json["errors"]
        return answer.json["data"]

    def only(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        """The one field of the answer's data."""
        (value,) = self.data(query, token, **variables).values()
        return value

    # Who is asking

    def token(self, name: str) -> str:
        """An access token of a demo account: ``rep`` for rep@example.com."""
        made, token = self._tokens.get(name, (0.0, ""))
        if time.monotonic() - made > TOKEN_LIFE or not token:
            password = "admin" if name == "admin" else self.stack.password
            answer = self.sign_in(f"{name}@example.com", password)
            assert answer["errors"] == []
            self._tokens[name] = made, token = time.monotonic(), answer["token"]
        return token

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """What tokenCreate answers. Waits where Saleor slows down an address after wrong attempts."""
        while True:
            answer = self.only(TOKEN, email=email, password=password)
            if [error["code"] for error in answer["errors"]] != ["LOGIN_ATTEMPT_DELAYED"]:
                return answer
            time.sleep(0.5)

    def extensions(self, name: str) -> dict[str, dict[str, Any]]:
        """Our pages in the Dashboard as this account sees them, by label."""
        edges = self.only(EXTENSIONS, self.token(name))["edges"]
        nodes = [edge["node"] for edge in edges]
        return {node["label"]: node for node in nodes if node["app"]["identifier"] == PLUGIN}

    def frame_token(self, name: str, label: str = "Live sales desk") -> str | None:
        return self.extensions(name)[label]["accessToken"]

    def forge(self, token: str, /, key: str | None = None, drop: tuple[str, ...] = (), **changes: Any) -> str:
        """This token of the shop with other claims, signed with the shop's own key or another."""
        claims = jwt.decode(token, options={"verify_signature": False})
        changed = {name: value for name, value in {**claims, **changes}.items() if name not in drop}
        kid = jwt.get_unverified_header(token)["kid"]
        return jwt.encode(changed, key or self.stack.env["RSA_PRIVATE_KEY"], "RS256", headers={"kid": kid})

    # Things

    def product(self, slug: str) -> dict[str, Any]:
        query = """query($slug: String!, $channel: String!) { product(slug: $slug, channel: $channel) {
          id name slug variants { id name sku } } }"""
        return self.only(query, slug=slug, channel=CHANNEL)

    def variant(self, slug: str) -> str:
        return self.product(slug)["variants"][0]["id"]

    def switch(self, *, active: bool) -> None:
        """The whole plugin on or off, as the owner of the shop does it. The deciders know it when this returns."""
        if ON_SALEOR:
            query = """mutation($active: Boolean!) { pluginUpdate(id: "saleor.livesales", input: {active: $active}) {
              errors { message } plugin { globalConfiguration { active } } } }"""
            answer = self.only(query, self.token("admin"), active=active)
            assert answer == {"errors": [], "plugin": {"globalConfiguration": {"active": active}}}
        else:
            command = [sys.executable, "-m", "django", "live_sales", "on" if active else "off"]
            subprocess.run(command, env=self.stack.env, cwd=ROOT, check=True)
        time.sleep(RULES_FOR + 0.5)
