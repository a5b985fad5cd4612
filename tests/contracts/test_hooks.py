"""Every hook that the plugin implements is one that Saleor still calls."""

from __future__ import annotations

import ast

from .conftest import ROOT

# Of BasePlugin, called otherwise than as a hook of PluginsManager: set up, configuration, and the HTTP entry.
NOT_HOOKS = {"webhook", "validate_plugin_configuration", "save_plugin_configuration", "check_plugin_id"}
PLANNED = {
    "account_deleted",
    "checkout_created",
    "checkout_updated",
    "customer_created",
    "customer_deleted",
    "customer_updated",
    "order_cancelled",
    "order_created",
    "order_fully_paid",
    "order_refunded",
    "product_updated",
    "product_variant_updated",
}


def implemented() -> set[str]:
    """Public methods of the plugin's class, read without importing Saleor."""
    tree = ast.parse((ROOT / "saleor_livesales" / "host" / "plugin.py").read_text(encoding="utf-8"))
    [plugin] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "LiveSalesPlugin"]
    methods = {node.name for node in plugin.body if isinstance(node, ast.FunctionDef)}
    assigned = {
        target.id
        for node in plugin.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.islower()
    }
    return {name for name in methods | assigned if not name.startswith("_")} - NOT_HOOKS


def test_no_hook_of_the_plan_is_missing() -> None:
    assert sorted(PLANNED - implemented()) == []


def test_hooks_are_dispatched(dispatched: frozenset[str]) -> None:
    assert sorted(implemented() - dispatched) == []
