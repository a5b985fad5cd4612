"""docs/operate.md says what is: every setting with its default, every figure by its name."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from saleor_livesales import conf
from saleor_livesales.gateway.exposition import GatewayFigures
from saleor_livesales.gateway.hub import Hub
from saleor_livesales.gateway.protocol import Now
from saleor_livesales.offers.figures import Figures

PAGE = (Path(__file__).parent.parent / "docs" / "operate.md").read_text()
NAMED_OTHERWISE = {"database_url": "DATABASE_URL"}
TOLD_IN_WORDS = {
    "database_url", "redis_url", "signing_keys", "code_keys", "delivery_keys", "trusted_proxies", "mail_options",
    "mail_webhooks", "letter_providers",
}  # fmt: skip


def rows(page: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:3] == "| `"]


def shown(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_every_setting_has_one_row_with_its_default():
    told = [(row[0].strip("`"), row[1].strip("`")) for row in rows(PAGE) if re.fullmatch(r"`[A-Z_]+`", row[0])]

    fields = conf.Settings.__dataclass_fields__
    names = {name: NAMED_OTHERWISE.get(name, f"LIVESALES_{name.upper()}") for name in fields}
    assert Counter(name for name, _ in told) == Counter(names.values())
    defaults = {names[name]: shown(spec.default) for name, spec in fields.items() if name not in TOLD_IN_WORDS}
    assert {name: default for name, default in told if name in defaults} == defaults


@pytest.mark.parametrize("part", ["gateway", "decider"])
async def test_every_figure_has_a_row(part):
    if part == "gateway":
        families = list(GatewayFigures(Hub(conf.load(), clock=lambda: Now(0.0, None))).collect())  # type: ignore[arg-type]
    else:
        families = list(Figures().collect())

    section = PAGE.split(f"| of a {part} |")[1].partition("\n\n")[0]
    told = [name for row in rows(section) for name in re.findall(r"`([a-z_]+)(?:\{[a-z]+\})?`", row[0])]
    exposed = [f"{family.name}_total" if family.type == "counter" else family.name for family in families]
    assert Counter(told) == Counter(name.removeprefix("livesales_") for name in exposed) + Counter(
        ["build_info"] if part == "gateway" else []
    )
    labels = dict(re.findall(r"`([a-z_]+)\{([a-z]+)\}`", section))
    assert labels == {
        (f"{family.name}_total" if family.type == "counter" else family.name).removeprefix("livesales_"): label
        for family in families
        if (label := LABELS.get(family.name))
    }


LABELS = {
    "livesales_connections": "role",
    "livesales_sockets_refused": "reason",
    "livesales_handshakes_refused": "reason",
    "livesales_messages": "outcome",
    "livesales_frames_refused": "code",
    "livesales_dropped": "reason",
    "livesales_redis_nodes": "state",
}
