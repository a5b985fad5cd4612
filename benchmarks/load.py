"""The load generator: a process of its own on a core of its own. Reads one job as JSON, prints what it measured.

``measure`` either keeps a ``window`` of messages under way for each pair and counts what arrives, or sends at a fixed
``rate``, whatever the server does, and takes times. ``hold`` opens connections and keeps them until it is told to go.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import psutil
import uvloop

from .clients import Client, connect
from .stand import LOADING, ROOT, cpu_since, cpu_times, pin

TAIL = 10.0  # seconds for what is under way to arrive at the end


def percentile(values: Sequence[float], share: float) -> float:
    """Of sorted values; NaN where there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Pair:
    """One sends, the other hears (the same socket in an echo)."""

    def __init__(self, sender: Client, hearer: Client, action: str) -> None:
        self.sender, self.hearer = sender, hearer
        self.make = getattr(sender, action)
        self.durable = action == "message"
        self.silent = action == "behaviour"  # nothing comes back
        self.sent: deque[float] = deque()
        self.heard = 0
        self.acks = 0

    def send(self) -> None:
        now = time.perf_counter()
        if self.silent:
            self.heard += 1
        else:
            self.sent.append(now)
        if self.durable:
            self.sender.sent.append(now)
        self.sender.send(self.make())


class Run:
    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs = pairs
        self.latencies: list[float] = []
        self.acks: list[float] = []
        self.counting = False
        self.sending = True
        self.heard = 0

    def closed_loop(self, window: int) -> None:
        for pair in self.pairs:
            pair.hearer.on_message = lambda pair=pair: self._next(pair)  # type: ignore[misc]
            pair.sender.on_ack = lambda seconds, pair=pair: self._acked(pair, seconds)  # type: ignore[misc]
        for _ in range(window):
            for pair in self.pairs:
                pair.send()

    def _next(self, pair: Pair) -> None:
        self._heard(pair)
        if self.sending:
            pair.send()

    def _heard(self, pair: Pair) -> None:
        sent = pair.sent.popleft()
        pair.heard += 1
        if self.counting:
            self.heard += 1
            self.latencies.append(time.perf_counter() - sent)

    def _acked(self, pair: Pair, seconds: float) -> None:
        pair.acks += 1
        if self.counting:
            self.acks.append(seconds)

    async def open_loop(self, rate: float, seconds: float) -> None:
        for pair in self.pairs:
            pair.hearer.on_message = lambda pair=pair: self._heard(pair)  # type: ignore[misc]
            pair.sender.on_ack = lambda secs, pair=pair: self._acked(pair, secs)  # type: ignore[misc]
        began = time.perf_counter()
        number = 0
        while (now := time.perf_counter() - began) < seconds:
            while number / rate <= now:
                pair = self.pairs[number % len(self.pairs)]
                pair.send()
                self.heard += pair.silent and self.counting
                number += 1
            await asyncio.sleep(max(0.0, number / rate - (time.perf_counter() - began)))

    async def finish(self) -> None:
        """Waits for what is under way. Raises RuntimeError where something never came, or came too often."""
        self.sending = False
        end = time.perf_counter() + TAIL
        while time.perf_counter() < end and any(pair.sent or pair.sender.sent for pair in self.pairs):
            await asyncio.sleep(0.02)
        problems = {c.problem for pair in self.pairs for c in (pair.sender, pair.hearer) if c.problem}
        left = sum(len(pair.sent) for pair in self.pairs), sum(len(pair.sender.sent) for pair in self.pairs)
        if problems or any(left):
            raise RuntimeError(f"{left[0]} messages and {left[1]} acks never came; {problems}")


def summary(run: Run, seconds: float, cpu: dict[str, float]) -> dict[str, Any]:
    latencies, acks = sorted(run.latencies), sorted(run.acks)
    return {
        "rate": run.heard / seconds,
        "p50": percentile(latencies, 0.5),
        "p99": percentile(latencies, 0.99),
        "ack_p50": percentile(acks, 0.5),
        "ack_p99": percentile(acks, 0.99),
        "cpu": {name: used / max(1, run.heard) for name, used in cpu.items()},  # seconds a message
        "total": sum(pair.heard for pair in run.pairs),
    }


async def measure(job: dict[str, Any]) -> dict[str, Any]:
    pairs = await open_pairs(job)
    gc.collect()
    gc.freeze()
    gc.disable()
    run = Run(pairs)
    seconds = job["seconds"]
    pace = None
    if job.get("rate"):
        pace = asyncio.create_task(run.open_loop(job["rate"], job["warm"] + seconds))
    else:
        run.closed_loop(job["window"])
    await asyncio.sleep(job["warm"])
    before, own = {name: cpu_times(pids) for name, pids in job["pids"].items()}, time.process_time()
    run.counting = True
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    run.counting = False
    lasted = time.perf_counter() - began
    cpu = {name: cpu_since(before[name], pids) for name, pids in job["pids"].items()}
    cpu["load"] = time.process_time() - own
    if pace:
        await pace
    answer = summary(run, lasted, cpu)
    await run.finish()
    answer["total"] = sum(pair.heard for pair in pairs)
    for pair in pairs:
        pair.sender.close()
        pair.hearer.close()
    return answer | {"load_share": cpu["load"] / lasted}


async def open_pairs(job: dict[str, Any]) -> list[Pair]:
    pairs = []
    for one in job["pairs"]:
        sender = await connect(job["kind"], **one["sender"])
        hearer = await connect(job["kind"], **one["hearer"]) if "hearer" in one else sender
        pairs.append(Pair(sender, hearer, job["action"]))
    return pairs


async def hold(job: dict[str, Any]) -> None:
    """Opens connections, ``at_once`` of them under way; prints the rate, and again after each number on stdin."""
    clients: list[Client] = []
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted = int(line)
        began = time.perf_counter()
        opened = 0

        async def open_some(wanted: int = wanted) -> None:
            nonlocal opened
            while len(clients) + opened < wanted:
                opened += 1
                number = len(clients) + opened
                who = {name: value.replace("#", str(number)) if isinstance(value, str) else value
                       for name, value in job["who"].items()}  # fmt: skip
                client = await connect(job["kind"], **who)
                opened -= 1
                clients.append(client)

        await asyncio.gather(*(open_some() for _ in range(job["at_once"])))
        lasted = time.perf_counter() - began
        problems = {client.problem for client in clients if client.problem}
        print(json.dumps({"seconds": lasted, "open": len(clients), "problems": sorted(map(str, problems))}), flush=True)


def main() -> None:
    job = json.loads(sys.stdin.readline())
    if job["do"] == "hold":
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(hold(job))
        return
    print(json.dumps(uvloop.run(measure(job))), flush=True)


# For the harness


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Runs one job in a new process. Raises RuntimeError with what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"], cwd=ROOT, input=json.dumps({"do": "measure", **job}) + "\n",
        text=True, capture_output=True, preexec_fn=pin(LOADING), timeout=180,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


class Holder:
    """Connections that stay open until ``close``."""

    def __init__(self, kind: str, *, at_once: int = 50, **who: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=pin(LOADING),
        )  # fmt: skip
        self._tell(json.dumps({"do": "hold", "kind": kind, "who": who, "at_once": at_once}))

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def grow(self, connections: int) -> float:
        """Opens so many in all. Returns the seconds it took. Raises RuntimeError where one was lost."""
        self._tell(str(connections))
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The load generator is gone.")
        answer = json.loads(line)
        if answer["problems"] or answer["open"] != connections:
            raise RuntimeError(f"{answer['open']} of {connections} are open; {answer['problems']}")
        return float(answer["seconds"])

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        if self._process.poll() is None:
            psutil.Process(self._process.pid).kill()


if __name__ == "__main__":
    main()
