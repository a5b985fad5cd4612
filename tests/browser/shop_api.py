"""The shop's GraphQL, asked as its owner, for what a test has to set up or look up."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from sandbox.runner.stack import Stack

CHANNEL = "default-channel"


class ShopApi:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def ask(self, query: str, variables: dict[str, Any] | None = None, *, token: str = "") -> dict[str, Any]:
        """The answer's ``data``. Raises AssertionError with the answer's errors."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            self.stack.urls["graphql"],
            json.dumps({"query": query, "variables": variables or {}}).encode(),
            headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                result = json.load(answer)
        except urllib.error.HTTPError as error:
            result = json.load(error)
        assert "errors" not in result, result["errors"]
        return result["data"]

    def token(self, login: str) -> str:
        data = self.ask(
            "mutation($email: String!, $password: String!) {"
            " tokenCreate(email: $email, password: $password) { token errors { code } } }",
            {"email": login, "password": self.stack.password},
        )
        assert data["tokenCreate"]["errors"] == []
        return data["tokenCreate"]["token"]

    def set_channel(self, **changes: Any) -> None:
        data = self.ask(
            "mutation($channel: String!, $input: LiveChannelSettingsInput!) {"
            " liveChannelSettingsUpdate(channel: $channel, input: $input) { errors { field code message } } }",
            {"channel": CHANNEL, "input": changes},
            token=self.token(self.stack.logins["owner"]),
        )
        assert data["liveChannelSettingsUpdate"]["errors"] == []

    def product(self, slug: str) -> str:
        """The id of a product."""
        data = self.ask(
            "query($slug: String!, $channel: String!) { product(slug: $slug, channel: $channel) { id } }",
            {"slug": slug, "channel": CHANNEL},
        )
        return data["product"]["id"]
