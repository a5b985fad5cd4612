"""The App and its two extensions, by which the Dashboard shows the desk and the owner's pages.

Rows are written as an app's installation would write them. The frame's token holds the extension's permissions only
where the user has all of them, so desk and settings are two extensions. The App's own address is the desk as well: the
Dashboard shows its Customers menu only to staff with a permission of Saleor's own, and a rep may have none of these;
such a rep opens the desk under Extensions, Installed.

Where cards are charged there is a second App, to which the transactions belong: Saleor asks it for refunds. It has no
frame in the Dashboard, so nobody's browser gets a token with what it may do.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from saleor.app.models import App, AppExtension
from saleor.app.types import AppType
from saleor.core.db.connection import allow_writer
from saleor.core.utils import get_public_url
from saleor.permission.enums import PaymentPermissions
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration
from saleor.webhook.event_types import WebhookEventSyncType
from saleor.webhook.models import Webhook

from .. import __version__, conf
from ..fees import STRIPE_KEY
from .names import CONSOLE, DESK, PATH, PAYMENTS_ID, PAYMENTS_NAME, PLUGIN_ID, PLUGIN_NAME, REFUNDS, SETTINGS
from .permissions import LiveSalesPermissions

LOCK: Final = 0x6C697665_73616C65  # "livesale": one registration at a time, over all processes
MOUNT: Final = "navigation_customers"  # in every version that is supported
TARGET: Final = "app_page"


@dataclass(frozen=True, kw_only=True)
class Extension:
    identifier: str
    label: str
    url: str
    permission: LiveSalesPermissions


EXTENSIONS: Final = (
    Extension(identifier="desk", label="Live sales desk", url=DESK, permission=LiveSalesPermissions.HANDLE_LIVE_SALES),
    Extension(
        identifier="settings",
        label="Live sales settings",
        url=SETTINGS,
        permission=LiveSalesPermissions.MANAGE_LIVE_SALES,
    ),
)


def public_url() -> str:
    """Where browsers reach this Saleor, without a slash at the end: Saleor's own PUBLIC_URL or site address."""
    return get_public_url().rstrip("/")


def audience() -> str:
    """The ``aud`` of tokens that the Dashboard gets for our frames."""
    return f"{public_url()}{PATH}"


def app() -> App | None:
    """Our App, while the plugin is switched on."""
    return _apps(PLUGIN_ID).filter(removed_at=None).first()


def payments_app() -> App | None:
    """The App to which the transactions of charged cards belong, while the plugin is switched on; made where there is
    none yet."""
    if (found := _apps(PAYMENTS_ID).filter(removed_at=None).first()) is None and app() is not None:
        bring_up_to_date()
        found = _apps(PAYMENTS_ID).filter(removed_at=None).first()
    return found


def refunds_webhook() -> Webhook | None:
    """By which Saleor asks for refunds."""
    return Webhook.objects.filter(app__in=_apps(PAYMENTS_ID), is_active=True).order_by("pk").first()


def _apps(identifier: str) -> QuerySet[App]:
    return App.objects.filter(identifier=identifier, type=AppType.THIRDPARTY).order_by("pk")


def switched_on() -> bool:
    """Whether the owner has the plugin switched on."""
    return PluginConfiguration.objects.filter(identifier=PLUGIN_ID, channel=None, active=True).exists()


def setting(name: str) -> str:
    """What the owner wrote into this field of the plugin's settings."""
    row = PluginConfiguration.objects.filter(identifier=PLUGIN_ID, channel=None, active=True).first()
    found = next((item.get("value") for item in (row.configuration if row else None) or () if item["name"] == name), "")
    return str(found or "")


@allow_writer()
def bring_up_to_date(*, active: bool | None = None) -> None:
    """Makes or mends the rows while the plugin is on, and removes them while it is off. Changes nothing that is right.

    ``active`` is what is about to be saved, where it is not saved yet.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if switched_on() if active is None else active:
            _write()
        else:
            remove()


def remove() -> None:
    """Removes both Apps and the extensions. The tokens that were given for them hold no longer."""
    _apps(PLUGIN_ID).delete()
    _apps(PAYMENTS_ID).delete()


def _write() -> None:
    permissions = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            content_type__app_label="saleor_livesales", codename__in=[entry.codename for entry in LiveSalesPermissions]
        )
    }
    ours = _app(
        PLUGIN_ID,
        name=PLUGIN_NAME,
        app_url=f"{public_url()}{CONSOLE}",
        audience=audience(),
        about_app="Notices visitors, offers help, and connects them with a sales rep.",
    )
    _set(ours.permissions, permissions.values())
    known = {extension.url: extension for extension in ours.extensions.order_by("-pk")}
    wanted = {entry.url for entry in EXTENSIONS}
    ours.extensions.exclude(pk__in=[row.pk for url, row in known.items() if url in wanted]).delete()
    names = {field.name for field in AppExtension._meta.get_fields()}
    for entry in EXTENSIONS:
        row = known.get(entry.url) or AppExtension(app=ours, url=entry.url)
        identifier = {"identifier": entry.identifier} if "identifier" in names else {}  # from Saleor 3.23 on
        _save(row, label=entry.label, mount=MOUNT, target=TARGET, **identifier)
        _set(row.permissions, [permissions[entry.permission.codename]])

    if _charges():
        _write_payments()
    else:
        _apps(PAYMENTS_ID).delete()


def _charges() -> bool:
    """Whether cards are charged, by what the owner or the deployment set."""
    try:
        return bool(setting(STRIPE_KEY).strip() or conf.load().stripe_key)
    except conf.Misconfigured:  # `livesales check` says so
        return False


def _write_payments() -> None:
    codename = PaymentPermissions.HANDLE_PAYMENTS.codename
    ours = _app(PAYMENTS_ID, name=PAYMENTS_NAME, about_app="Charges members' cards, and gives back what you refund.")
    _set(ours.permissions, Permission.objects.filter(content_type__app_label="payment", codename=codename))
    webhook, *doubles = ours.webhooks.order_by("pk") or [Webhook(app=ours)]
    for double in doubles:
        double.delete()
    _save(
        webhook,
        name="Refunds",
        target_url=f"{public_url()}{PATH}/{REFUNDS}",
        is_active=True,
        subscription_query=(files(__package__) / "graphql" / "refundRequested.graphql").read_text(encoding="utf-8"),
    )
    event = WebhookEventSyncType.TRANSACTION_REFUND_REQUESTED
    if set(webhook.events.values_list("event_type", flat=True)) != {event}:
        webhook.events.all().delete()
        webhook.events.create(event_type=event)


def _app(identifier: str, **values: Any) -> App:
    ours, *doubles = _apps(identifier) or [App()]
    for double in doubles:
        double.delete()
    _save(
        ours,
        identifier=identifier,
        type=AppType.THIRDPARTY,
        is_active=True,
        is_installed=True,
        removed_at=None,
        version=__version__,
        author="saleor-livesales",
        **values,
    )
    return ours


def _save(row: Any, **values: Any) -> None:
    if row.pk and all(getattr(row, name) == value for name, value in values.items()):
        return
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def _set(relation: Any, permissions: Any) -> None:
    wanted = {permission.pk for permission in permissions}
    if set(relation.values_list("pk", flat=True)) != wanted:
        relation.set(wanted)
