"""Our part of Saleor's schema, and what happens where it can't be put there."""

import json
import re

from sandbox.runner.targets import ROOT

PERMISSIONS = '{ __type(name: "PermissionEnum") { enumValues { name } } }'


def test_our_fields_are_in_saleors_schema(web):
    answer = web.data("{ __schema { queryType { fields { name } } mutationType { fields { name } } } }")["__schema"]
    queries = {field["name"] for field in answer["queryType"]["fields"]}
    mutations = {field["name"] for field in answer["mutationType"]["fields"]}
    assert {"liveSession", "liveSessions", "liveVisitors", "liveRep", "product", "checkout"} <= queries
    assert {
        "liveVisitorIdentify",
        "liveOfferAccept",
        "liveOfferDecline",
        "liveSessionStart",
        "liveSessionAccept",
        "liveSessionEnd",
        "liveMessageSend",
        "liveRepPresenceUpdate",
        "checkoutCreate",
    } <= mutations


def test_our_permissions_can_be_granted(web):
    names = {value["name"] for value in web.data(PERMISSIONS)["__type"]["enumValues"]}
    assert {"HANDLE_LIVE_SALES", "MANAGE_LIVE_SALES", "MANAGE_ORDERS"} <= names


def test_webhooks_and_the_printed_schema_see_the_same_schema(host):
    printed = host.manage("get_graphql_schema", env=host.env("host_base"))
    assert printed.returncode == 0, printed.stderr[-2000:]
    assert "  liveSessionStart(" in printed.stdout
    assert "  HANDLE_LIVE_SALES\n" in printed.stdout


def test_saleors_own_types_are_referred_to(web):
    query = '{ __type(name: "LiveSession") { fields { name type { name ofType { name } } } } }'
    fields = {
        field["name"]: field["type"]["name"] or field["type"]["ofType"]["name"]
        for field in web.data(query)["__type"]["fields"]
    }
    assert (fields["product"], fields["variant"], fields["checkout"]) == ("Product", "ProductVariant", "Checkout")


def plugin_that_comes_first(folder, body):
    """A second plugin, installed as pip would install it, that the entry points list before ours."""
    package = folder / "aardvark_plugin"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "models.py").write_text(body)
    (package / "plugin.py").write_text(
        "from saleor.plugins.base_plugin import BasePlugin\n"
        "class AardvarkPlugin(BasePlugin):\n    PLUGIN_ID = 'aardvark'\n    PLUGIN_NAME = 'Aardvark'\n"
    )
    metadata = folder / "aardvark_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: aardvark-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[saleor.plugins]\naardvark_plugin = aardvark_plugin.plugin:AardvarkPlugin\n"
    )
    return str(folder)


def test_a_plugin_that_builds_the_schema_first_is_named(host, tmp_path):
    # Before the models are there importing Saleor's API fails anyway, so a plugin that does it does it in its ready().
    folder = plugin_that_comes_first(tmp_path, "")
    (tmp_path / "aardvark_plugin" / "__init__.py").write_text("")
    (tmp_path / "aardvark_plugin" / "apps.py").write_text(
        "from django.apps import AppConfig\n"
        "class AardvarkConfig(AppConfig):\n"
        "    name = 'aardvark_plugin'\n"
        "    def ready(self):\n"
        "        from . import early\n"
    )
    (tmp_path / "aardvark_plugin" / "early.py").write_text("from saleor.graphql.api import schema\n")
    env = host.env("host_base")
    env["PYTHONPATH"] = folder + ":" + env["PYTHONPATH"]
    done = host.run("answer('started')", env=env, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last == (
        "django.core.exceptions.ImproperlyConfigured: Live sales can't add its fields to the GraphQL schema: "
        "saleor.graphql.api was imported before saleor_livesales was ready. It was imported by aardvark_plugin.early. "
        "Import saleor.graphql.api inside the functions that use it, not at the top of a module that is loaded with "
        "the apps (models.py, apps.py, or what these import); or uninstall that plugin."
    )


def test_a_plugin_that_leaves_the_schema_alone_is_no_trouble(host, tmp_path):
    env = host.env("host_base")
    env["PYTHONPATH"] = plugin_that_comes_first(tmp_path, "") + ":" + env["PYTHONPATH"]
    code = (
        "from django.conf import settings\nfrom saleor.graphql.api import schema\n"
        "answer([settings.EXTERNAL_PLUGINS, 'liveSessionStart' in schema.get_mutation_type().fields])"
    )
    plugins, ours = host.run(code, env=env)
    assert sorted(plugins) == ["aardvark_plugin.plugin.AardvarkPlugin", "saleor_livesales.host.plugin.LiveSalesPlugin"]
    assert ours is True


def test_our_sdl_is_what_saleor_prints(web):
    """Every field of the printed SDL is in the running schema, with the same type."""
    import graphql

    running = graphql.build_client_schema(web.data(graphql.introspection_query))
    printed = (ROOT / "saleor_livesales" / "graphql" / "schema.graphql").read_text()
    # graphql-core 2 can't parse descriptions in block strings
    document = graphql.parse(re.sub(r'"""(?s:.*?)"""', "", printed))
    compared = 0
    for definition in document.definitions:
        definition = getattr(definition, "definition", definition)
        name = definition.name.value
        for field in getattr(definition, "fields", None) or []:
            found = running.get_type(name).fields[field.name.value]
            assert str(found.type) == graphql.print_ast(field.type), f"{name}.{field.name.value}"
            compared += 1
    assert compared > 100, json.dumps(compared)
