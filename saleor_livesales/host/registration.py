"""The App and its two extensions, by which the Dashboard shows the desk and the owner's pages.

Rows are written as an app's installation would write them. The frame's token holds the extension's permissions only
where the user has all of them, so desk and settings are two extensions. The App's own address is the desk as well: the
Dashboard shows its Customers menu only to staff with a permission of Saleor's own, and a rep may have none of these;
such a rep opens the desk under Extensions, Installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from saleor.app.models import App, AppExtension
from saleor.app.types import AppType
from saleor.core.db.connection import allow_writer
from saleor.core.utils import get_public_url
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration

from .. import __version__
from .names import CONSOLE, DESK, PATH, PLUGIN_ID, PLUGIN_NAME, SETTINGS
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
    return App.objects.filter(identifier=PLUGIN_ID, type=AppType.THIRDPARTY, removed_at=None).order_by("pk").first()


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
    """Removes App and extensions. The tokens that were given for them hold no longer."""
    App.objects.filter(identifier=PLUGIN_ID, type=AppType.THIRDPARTY).delete()


def _write() -> None:
    permissions = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            content_type__app_label="saleor_livesales", codename__in=[entry.codename for entry in LiveSalesPermissions]
        )
    }
    ours, *doubles = App.objects.filter(identifier=PLUGIN_ID, type=AppType.THIRDPARTY).order_by("pk") or [App()]
    for double in doubles:
        double.delete()
    _save(
        ours,
        identifier=PLUGIN_ID,
        name=PLUGIN_NAME,
        type=AppType.THIRDPARTY,
        is_active=True,
        is_installed=True,
        removed_at=None,
        app_url=f"{public_url()}{CONSOLE}",
        audience=audience(),
        version=__version__,
        author="saleor-livesales",
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
