"""The plugin that Saleor loads. Its hooks report and do nothing else: they never decide and never raise.

Two lanes (docs/adr/0002). Behaviour goes to a Redis stream: lost at worst with Redis, and never waited for longer than
``conf.redis_timeout``. What has consequences becomes a row in PostgreSQL. Saleor calls hooks of active plugins only.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

import graphene
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from saleor.core.db.connection import allow_writer
from saleor.plugins.base_plugin import BasePlugin, ConfigurationTypeField
from saleor.plugins.models import PluginConfiguration

from .. import bus, wire
from ..fees import STRIPE_KEY, STRIPE_WEBHOOK_SECRET
from . import http, registration
from .names import PLUGIN_ID, PLUGIN_NAME

logger = logging.getLogger(__name__)

Hook = Callable[..., Any]


def reports(hook: Hook) -> Hook:
    """A hook whose failure is logged, and whose value is what the plugins before it had."""

    @functools.wraps(hook)
    def safely(self: LiveSalesPlugin, *args: Any, previous_value: Any = None, **kwargs: Any) -> Any:
        try:
            hook(self, *args, **kwargs)
        except Exception:
            logger.exception("The hook %s was not reported.", hook.__name__)
        return previous_value

    return safely


class LiveSalesPlugin(BasePlugin):
    """Global: hooks about customers, accounts and products are dispatched without a channel.

    What differs by channel is in our own settings, edited in the console.
    """

    PLUGIN_ID = PLUGIN_ID
    PLUGIN_NAME = PLUGIN_NAME
    PLUGIN_DESCRIPTION = "Notices visitors, offers help, and connects them with a sales rep."
    CONFIGURATION_PER_CHANNEL = False
    DEFAULT_ACTIVE = False
    DEFAULT_CONFIGURATION: ClassVar[list[dict[str, Any]]] = [
        {"name": http.DASHBOARDS, "value": ""},
        {"name": STRIPE_KEY, "value": ""},
        {"name": STRIPE_WEBHOOK_SECRET, "value": ""},
    ]
    CONFIG_STRUCTURE: ClassVar[dict[str, dict[str, str]]] = {
        http.DASHBOARDS: {
            "type": ConfigurationTypeField.STRING,
            "label": "Dashboard addresses",
            "help_text": (
                "The address of your Dashboard, for example https://dashboard.example.com; several are separated by "
                "spaces. Only pages from there may show the console."
            ),
        },
        STRIPE_KEY: {
            "type": ConfigurationTypeField.SECRET,
            "label": STRIPE_KEY,
            "help_text": (
                "Lets members leave a card that is charged when their membership is renewed. A restricted key "
                "(rk_…) with write access to Checkout Sessions, Customers, PaymentIntents, PaymentMethods and Refunds, "
                "and read access to Disputes and Events, is enough. Empty: members pay renewals by a link."
            ),
        },
        STRIPE_WEBHOOK_SECRET: {
            "type": ConfigurationTypeField.SECRET,
            "label": STRIPE_WEBHOOK_SECRET,
            "help_text": (
                "whsec_… of the endpoint at Stripe that calls /plugins/saleor.livesales/webhooks/fees/stripe/ of this "
                "Saleor. Two, separated by a space, while you exchange one for another."
            ),
        },
    }

    # Switching on and off

    @classmethod
    def validate_plugin_configuration(cls, plugin_configuration: PluginConfiguration, **kwargs: Any) -> None:
        """Refuses what is not an address. Raises Django's ValidationError."""
        http.validate(plugin_configuration.configuration)

    @classmethod
    def save_plugin_configuration(cls, plugin_configuration: PluginConfiguration, cleaned_data: dict) -> Any:
        """Saves, and with it writes or removes the Dashboard's entries: both or neither."""
        with allow_writer(), transaction.atomic():
            saved = super().save_plugin_configuration(plugin_configuration, cleaned_data)
            registration.bring_up_to_date(active=plugin_configuration.active)
        return saved

    # First lane: behaviour

    def _notice(self, kind: str, type_name: str, pk: object) -> None:
        bus.notice_shop(wire.ShopNoticed(kind=kind, id=graphene.Node.to_global_id(type_name, pk), at=time.time()))

    @reports
    def checkout_created(self, checkout: Any, *args: Any, **kwargs: Any) -> None:
        self._notice("checkout", "Checkout", checkout.pk)

    @reports
    def checkout_updated(self, checkout: Any, *args: Any, **kwargs: Any) -> None:
        self._notice("checkout", "Checkout", checkout.pk)

    @reports
    def product_updated(self, product: Any, *args: Any, **kwargs: Any) -> None:
        self._notice("product", "Product", product.pk)

    @reports
    def product_variant_updated(self, product_variant: Any, *args: Any, **kwargs: Any) -> None:
        self._notice("variant", "ProductVariant", product_variant.pk)

    @reports
    def product_variant_discounted_price_updated(self, variant_price_info: Any, *args: Any, **kwargs: Any) -> None:
        variant = getattr(variant_price_info, "variant", None)
        pk = getattr(variant_price_info, "variant_id", None) or getattr(variant, "pk", None)
        if pk is not None:
            self._notice("variant", "ProductVariant", pk)

    # Second lane: what has consequences

    def _record(self, kind: str, type_name: str, pk: object, **payload: Any) -> None:
        from ..inbox import actions

        if pk is None:  # a row that was never saved
            return
        # The savepoint keeps a failure of ours out of a transaction that a future Saleor may have open here.
        with allow_writer(), transaction.atomic():
            actions.record(
                kind=kind,
                object_id=graphene.Node.to_global_id(type_name, pk),
                payload=payload,
                source="hook",
                now=timezone.now(),
            )

    def _order(self, kind: str, order: Any, **payload: Any) -> None:
        user_id = graphene.Node.to_global_id("User", order.user_id) if order.user_id else None
        token = order.checkout_token
        self._record(
            kind,
            "Order",
            order.pk,
            user_id=user_id,
            checkout_id=graphene.Node.to_global_id("Checkout", token) if token else None,
            **payload,
        )

    @reports
    def order_created(self, order: Any, *args: Any, **kwargs: Any) -> None:
        self._order("order_created", order)

    @reports
    def order_fully_paid(self, order: Any, *args: Any, **kwargs: Any) -> None:
        self._order("order_fully_paid", order)

    @reports
    def order_cancelled(self, order: Any, *args: Any, **kwargs: Any) -> None:
        self._order("order_cancelled", order)

    @reports
    def order_refunded(self, order: Any, *args: Any, **kwargs: Any) -> None:
        self._order("order_refunded", order, full=False)

    @reports
    def order_fully_refunded(self, order: Any, *args: Any, **kwargs: Any) -> None:
        self._order("order_refunded", order, full=True)

    @reports
    def customer_created(self, customer: Any, *args: Any, **kwargs: Any) -> None:
        self._record("customer_created", "User", customer.pk)

    @reports
    def customer_updated(self, customer: Any, *args: Any, **kwargs: Any) -> None:
        self._record("customer_updated", "User", customer.pk)

    @reports
    def customer_deleted(self, customer: Any, *args: Any, **kwargs: Any) -> None:
        self._record("customer_deleted", "User", customer.pk)

    @reports
    def account_deleted(self, user: Any, *args: Any, **kwargs: Any) -> None:
        self._record("account_deleted", "User", user.pk)

    # /plugins/saleor.livesales/

    def webhook(self, request: HttpRequest, path: str | None, previous_value: Any) -> HttpResponse:
        return http.answer(request, path or "", active=self.active, configuration=self.configuration)
