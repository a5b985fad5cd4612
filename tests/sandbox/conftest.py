"""The stand-in shop with its demo data, reached over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from saleor_livesales import shop as interface
from sandbox.shop.adapter import SandboxShop

API = "/graphql/"


class Api:
    """Sends GraphQL as a browser does. ``token`` goes into the header that is named."""

    def __init__(self) -> None:
        self.client = Client()

    def post(self, query: str, variables: Any = None, token: str | None = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent.setdefault("Authorization", f"Bearer {token}")
        body = json.dumps({"query": query, "variables": variables or {}})
        return self.client.post(API, body, content_type="application/json", headers=sent)

    def __call__(self, query: str, variables: Any = None, token: str | None = None, **headers: str) -> Any:
        return self.post(query, variables, token, **headers).json()

    def data(self, query: str, variables: Any = None, token: str | None = None) -> Any:
        """The data of an answer without errors."""
        answer = self(query, variables, token)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def login(self, email: str, password: str = "password") -> str:
        answer = self.data(
            "mutation($email: String!, $password: String!) {"
            " tokenCreate(email: $email, password: $password) { token errors { code } } }",
            {"email": email, "password": password},
        )["tokenCreate"]
        assert answer["errors"] == []
        return answer["token"]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def key_folder(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.DATA_DIR = tmp_path_factory.getbasetemp() / "shop"


@pytest.fixture
def sandbox_shop(db: None) -> SandboxShop:
    """The demo's shop, installed."""
    call_command("populate", verbosity=0)
    before = interface._shop
    installed = SandboxShop()
    interface.install(installed)
    yield installed
    interface._shop = before


@pytest.fixture
def api(sandbox_shop: SandboxShop, redis: Any) -> Api:
    return Api()


@pytest.fixture
def token(api: Api) -> Callable[[str], str]:
    return lambda name: api.login(f"{name}@example.com")
