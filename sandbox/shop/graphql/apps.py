"""The shop itself, its apps, and the extensions that the Dashboard shows."""

from __future__ import annotations

from typing import Any

import graphene
from graphene.relay import Node
from promise import Promise

from .. import auth, permissions
from ..models import App as AppRow
from ..models import AppExtension as ExtensionRow
from ..models import SiteSettings
from .account import Permission, shown
from .common import CONNECTION_ARGUMENTS, caller, connection_type, page
from .loaders import load


class JSON(graphene.types.generic.GenericScalar):
    """Any JSON value."""


class App(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    identifier = graphene.String()
    name = graphene.String()
    is_active = graphene.Boolean()
    app_url = graphene.String()
    version = graphene.String()

    @staticmethod
    def resolve_id(root: AppRow, _info: Any) -> str:
        return Node.to_global_id("App", root.pk)


class AppExtension(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)

    id = graphene.ID(required=True)
    label = graphene.String(required=True)
    identifier = graphene.String()
    url = graphene.String(required=True)
    mount_name = graphene.String(required=True)
    target_name = graphene.String(required=True)
    settings = JSON(required=True)
    permissions = graphene.List(graphene.NonNull(Permission), required=True)
    app = graphene.Field(App, required=True)
    access_token = graphene.String()

    @staticmethod
    def resolve_id(root: ExtensionRow, _info: Any) -> str:
        return Node.to_global_id("AppExtension", root.pk)

    @staticmethod
    def resolve_identifier(root: ExtensionRow, _info: Any) -> str | None:
        return root.identifier or None

    @staticmethod
    def resolve_mount_name(root: ExtensionRow, _info: Any) -> str:
        return root.mount.upper()

    @staticmethod
    def resolve_target_name(root: ExtensionRow, _info: Any) -> str:
        return root.target.upper()

    @staticmethod
    def resolve_settings(_root: ExtensionRow, _info: Any) -> dict[str, Any]:
        return {}

    @staticmethod
    def resolve_permissions(root: ExtensionRow, _info: Any) -> list[Permission]:
        return shown(root.permissions.order_by("codename"), Permission)

    @staticmethod
    def resolve_app(root: ExtensionRow, info: Any) -> Promise:
        return load(info.context, "App", root.app_id)

    @staticmethod
    def resolve_access_token(root: ExtensionRow, info: Any) -> str | None:
        return auth.extension_token(
            extension=root, needed=permissions.names(root.permissions.all()), caller=caller(info)
        )


AppExtensionCountableConnection = connection_type(AppExtension)


class AppExtensionFilterInput(graphene.InputObjectType):
    mount_name = graphene.List(graphene.NonNull(graphene.String))
    target_name = graphene.String()


class Domain(graphene.ObjectType):
    host = graphene.String(required=True)
    url = graphene.String(required=True)


class Shop(graphene.ObjectType):
    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    domain = graphene.Field(Domain, required=True)
    permissions = graphene.List(graphene.NonNull(Permission), required=True)
    version = graphene.String(required=True)

    @staticmethod
    def resolve_id(_root: SiteSettings, _info: Any) -> str:
        return Node.to_global_id("Shop", 1)

    @staticmethod
    def resolve_domain(_root: SiteSettings, info: Any) -> Domain:
        return Domain(host=info.context.get_host(), url=info.context.build_absolute_uri("/"))

    @staticmethod
    def resolve_permissions(_root: SiteSettings, info: Any) -> list[Permission]:
        _require_staff(info)
        return shown(permissions.rows(permissions.NAMES), Permission)

    @staticmethod
    def resolve_version(_root: SiteSettings, info: Any) -> str:
        _require_staff(info)
        return "sandbox"


def _require_staff(info: Any) -> None:
    who = caller(info)
    if who is None or not who.staff:
        raise permissions.PermissionDenied("AUTHENTICATED_STAFF_USER", "AUTHENTICATED_APP")


class Queries(graphene.ObjectType):
    shop = graphene.Field(Shop, required=True)
    app_extensions = graphene.Field(
        AppExtensionCountableConnection, filter=AppExtensionFilterInput(), **CONNECTION_ARGUMENTS
    )

    @staticmethod
    def resolve_shop(_root: None, _info: Any) -> SiteSettings:
        return SiteSettings.load()

    @staticmethod
    def resolve_app_extensions(_root: None, info: Any, filter: Any = None, **arguments: Any) -> Any:
        _require_staff(info)
        rows = ExtensionRow.objects.filter(app__is_active=True).select_related("app")
        wanted = filter or {}
        if wanted.get("mount_name"):
            rows = rows.filter(mount__in=[name.lower() for name in wanted["mount_name"]])
        if wanted.get("target_name"):
            rows = rows.filter(target=wanted["target_name"].lower())
        return page(info, rows, "pk", arguments)
