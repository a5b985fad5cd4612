"""What a developer gets: types that hold, events that come first, and a policy that suffices."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from saleor_livesales.dashboard.serve import respond

from .fake import FakeShop
from .gallery import part, talked
from .steps import dock, say, ticks

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "embed.md").read_text()
STRICT = "default-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "


def test_types_are_served_and_hold_what_the_guide_shows(tmp_path: Path) -> None:
    answer = respond("livesales.d.ts", api_url="https://api.example.com/graphql/", frame_ancestors=[])
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    (tmp_path / "livesales.d.ts").write_bytes(answer.body)
    example = re.search(r"```ts\n(.*?)```", GUIDE, re.DOTALL)
    settings = re.search(r'"paths": (\{.*?\})', GUIDE)
    assert example and settings
    wrong = (
        "\n// @ts-expect-error no API\ncreateLiveSales({ channel: 'a' });"
        "\n// @ts-expect-error no such word\nlive.strings = { nonsense: 'x' };"
        "\n// @ts-expect-error no such reason\nlive.addEventListener('livesales:open', (e) => e.detail.reason === 'x');"
    )
    (tmp_path / "shop.ts").write_text(example[1] + wrong)
    options = {
        "strict": True,
        "noEmit": True,
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "bundler",
        "lib": ["ES2022", "DOM"],
        "types": [],
        "paths": json.loads(settings[1]),
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["shop.ts"]}))
    run = [sys.executable, "-m", "tools.node", "tsc", "-p", str(tmp_path / "tsconfig.json")]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_canceled_changes_nothing(page: Page, fake: FakeShop) -> None:
    page.add_init_script("""
        window.seen = [];
        for (const name of ["accept", "decline", "close"]) document.addEventListener("livesales:" + name, (event) => {
            const root = document.querySelector("live-sales").shadowRoot;
            const state = [...root.querySelectorAll("[part=offer] button:enabled, [part=window]:not([hidden])")];
            window.seen.push([name, event.cancelable, event.composed, state.length]);
            event.preventDefault();
        });
    """)
    page.goto(fake.url)
    fake.wait(lambda: fake.called("LiveOpenSession"))
    fake.offer()
    part(page, "accept")
    part(page, "decline")
    expect(dock(page).locator("[part=offer]")).to_be_visible()
    assert [fake.called(name) for name in ("LiveOfferAccept", "LiveOfferDecline")] == [[], []]
    page.evaluate("() => document.querySelector('live-sales').request()")
    expect(dock(page).locator("[part=position]")).to_be_visible()
    part(page, "minimise")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("() => window.seen") == [
        ["accept", True, True, 2],
        ["decline", True, True, 2],
        ["close", True, True, 1],
    ]


def test_sdk_from_its_making_to_its_end(page: Page, fake: FakeShop) -> None:
    page.goto(f"{fake.origin}/plain")
    page.evaluate("""async () => {
        const { createLiveSales } = await import("/plugins/saleor.livesales/livesales.js");
        document.body.innerHTML = "<main></main>";
        const parent = document.querySelector("main");
        window.live = createLiveSales({
            channel: "default-channel", api: "/graphql/", lang: "fr", theme: "dark", product: "UHJvZHVjdDox", parent,
            strings: { title: "Bijoux" },
        });
    }""")
    expect(page.locator("main > live-sales [part=launcher]")).to_have_text("Discutez avec nous")
    page.evaluate("() => window.live.open()")
    expect(page.get_by_role("dialog", name="Bijoux")).to_be_visible()
    expect(dock(page)).to_have_attribute("data-theme", "dark")
    assert page.evaluate("() => [window.live.opened, window.live.session.state]") == [True, "queued"]
    page.evaluate("() => window.live.close()")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert fake.called("LiveSessionStart")[0]["input"]["productId"] == "UHJvZHVjdDox"
    page.evaluate("() => window.live.destroy()")
    fake.wait(lambda: not fake.listeners)
    assert page.locator("live-sales").count() == 0


def test_all_of_it_under_the_strictest_policy(page: Page, fake: FakeShop) -> None:
    """Words of another language, a link, the transcript, the sheet: with the three needs that the guide names."""
    needs = re.search(r"```\n(script-src [^`]+)```", GUIDE)
    assert needs
    named = needs[1].replace("https://api.example.com", fake.origin).replace("wss://live.example.com", fake.gateway)
    fake.csp = STRICT + " ".join(named.split())
    fake.served_from = fake.origin
    fake.url = fake.url.replace("127.0.0.1", "localhost")
    fake.html_attributes = 'lang="ar" dir="rtl"'
    page.add_init_script("""
        window.broken = [];
        document.addEventListener("securitypolicyviolation", (event) => window.broken.push(event.violatedDirective));
    """)
    talked(page, fake)
    expect(dock(page)).to_have_attribute("lang", "ar")
    say(page, "Is it gold?")
    expect(ticks(page).last).to_have_text("سُلّمت")
    part(page, "who")
    part(page, "sound")
    with page.expect_download() as download:
        part(page, "save")
    assert "Is it gold?" in download.value.path().read_text(encoding="utf-8-sig")
    part(page, "end")
    part(page, "confirm-end")
    expect(dock(page).locator("[part=ended]")).to_be_visible()
    assert page.evaluate("() => window.broken.filter((name) => name !== 'img-src')") == []  # the browser's favicon
