"""How the desk bears a crowd: typing while messages pour in, and memory over many sessions.

``python -m tests.dashboard.measure`` prints figures of this machine; nothing is asserted. The feed is made in the page
itself, so that neither Playwright nor a network is measured. Latency is from the key's own time stamp to the frame that
shows it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys

from playwright.sync_api import Browser, Frame, Page

from .. import chromium
from .build import moment, money
from .fake import FakeShop

SESSIONS = 30
RATE = 60  # messages a second, over all sessions
KEYS = 150
LIVES = 500  # sessions that begin, are talked in, and end

FEED = """(() => {
    if (!location.pathname.includes("/console")) return;
    const entries = new Map(), at = () => new Date().toISOString();
    const log = (session) => entries.get(session) ?? entries.set(session, []).get(session);
    const add = (session, sender, text, key) => {
        const number = log(session).length + 1;
        const entry = {type: "entry", session, number, kind: "message", sender, at: at(), text, key};
        log(session).push(entry);
        return entry;
    };
    window.WebSocket = class extends EventTarget {
        constructor() { super(); window.socket = this; setTimeout(() => this.onopen?.({})); }
        tell(frame) { this.onmessage?.({data: JSON.stringify(frame)}); }
        close() {}
        send(text) {
            const frame = JSON.parse(text), {session} = frame;
            if (frame.type === "hello") setTimeout(() => this.tell({type: "welcome", id: "rep", expiresAt: at()}));
            if (frame.type === "resume") setTimeout(() => this.tell({type: "resumed", session,
                entries: log(session).slice(frame.after ?? 0), lastNumber: log(session).length}));
            if (frame.type === "send") setTimeout(() => this.tell(add(session, "rep", frame.text, frame.key)));
        }
    };
    const words = "Is it also there in another colour, and how long would it take to arrive? ".split(" ");
    let count = 0;
    window.feed = (sessions, rate) => {
        clearInterval(window.feeding);
        let begun = performance.now(), told = 0;
        if (rate) window.feeding = setInterval(() => {
            const due = (performance.now() - begun) / 1000 * rate;
            for (; told < due; told++) {
                const session = sessions[count++ % sessions.length];
                window.socket.tell(add(session, "visitor", words.slice(0, 3 + count % 12).join(" ")));
            }
        }, 5);
    };
    window.told = () => count;
    window.forget = (session) => entries.delete(session);
    window.latencies = []; window.frames = [];
    addEventListener("keydown", (event) => {
        requestAnimationFrame(() => {
            const {port1, port2} = new MessageChannel();
            port1.onmessage = () => latencies.push(performance.now() - event.timeStamp);
            port2.postMessage(0);
        });
    }, true);
    let last = performance.now();
    requestAnimationFrame(function frame(now) { frames.push(now - last); last = now; requestAnimationFrame(frame); });
})()"""


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def crowd(page: Page, shop: FakeShop) -> tuple[Frame, list[str]]:
    shop.rep["capacity"] = 12
    sessions = []
    for number in range(SESSIONS):
        cart = {"total": money(25 * number), "quantity": 1, "lines": []}
        sessions.append(shop.session(f"Visitor {number + 1}", state="ACTIVE", cart=cart))
        shop.entries[sessions[-1]].clear()
    page.add_init_script(FEED)
    frame = shop.visit(page)
    frame.locator(".session").nth(SESSIONS - 1).wait_for()
    return frame, sessions


def typed(page: Page, frame: Frame) -> tuple[list[float], list[float]]:
    box = frame.locator(".pane textarea").first
    box.focus()
    frame.evaluate("latencies.length = frames.length = 0")
    for number in range(KEYS):
        page.keyboard.press("abcdefghij klmnop"[number % 17])
        page.wait_for_timeout(40)
    box.fill("")
    return frame.evaluate("latencies.splice(0)"), frame.evaluate("frames.splice(0)")


def typing(browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1000}, reduced_motion="reduce")
    page = context.new_page()
    shop = FakeShop(context)
    frame, sessions = crowd(page, shop)
    panes = frame.locator(".panes > .pane").count()
    typed(page, frame)  # warm
    for rate in (0, RATE):
        frame.evaluate("([sessions, rate]) => feed(sessions, rate)", [sessions, rate])
        before = frame.evaluate("told()")
        latencies, frames = typed(page, frame)
        told = frame.evaluate("told()") - before
        print(
            f"{width} px, {panes} panes, {SESSIONS} sessions, {rate} messages a second ({told} told): "
            f"typing p50 {statistics.median(latencies):.1f} ms, p95 {percentile(latencies, 0.95):.1f} ms, "
            f"longest {max(latencies):.1f} ms; frame p95 {percentile(frames, 0.95):.1f} ms",
            flush=True,
        )
    frame.evaluate("feed([], 0)")
    context.close()


def heap(page: Page) -> float:
    """Megabytes in use after a collection."""
    cdp = page.context.new_cdp_session(page)
    for _ in range(3):
        cdp.send("HeapProfiler.collectGarbage")
    used: float = cdp.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    cdp.detach()
    return used


def memory(browser: Browser) -> None:
    """Sessions come, are looked at while the visitor writes some hundred lines, and end; the desk tidies them away."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
    page = context.new_page()
    shop = FakeShop(context)
    page.add_init_script(FEED)
    frame = shop.visit(page)
    frame.locator(".toolbar-name").click()
    figures = {}
    for number in range(1, LIVES + 1):
        session = shop.session(f"Visitor {number}", state="ACTIVE")
        shop.entries[session].clear()
        frame.evaluate(
            """(id) => new Promise((done) => {
                const told = {type: "session", id, form: "chat", lastNumber: 0};
                const tell = (state, reason) => socket.tell({...told, state, reason});
                tell("active");
                feed([id], 2000);
                setTimeout(() => document.querySelector(`.session[data-session="${id}"]`)?.click(), 20);
                setTimeout(() => { feed([], 0); tell("ended", "visitor"); forget(id); done(); }, 60);
            })""",
            session,
        )
        shop.sessions[session].update(state="ENDED", endReason="VISITOR", endedAt=moment())
        if number % 100 == 0 or number == 20:
            page.wait_for_timeout(500)
            figures[number] = round(heap(page), 2)
            panes = frame.locator(".session").count()
            print(f"after {number} sessions: {figures[number]} MB of JavaScript, {panes} open", flush=True)
    context.close()
    print(json.dumps(figures))


def main() -> None:
    """Everything, or with ``memory`` or ``typing`` that alone."""
    wanted = sys.argv[1:] or ["typing", "memory"]
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with chromium.running() as browser:
        print(f"Chromium {browser.version}")
        for width in (1440, 2560) if "typing" in wanted else ():
            typing(browser, width)
        if "memory" in wanted:
            memory(browser)


if __name__ == "__main__":
    main()
