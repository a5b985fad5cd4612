"""A TCP relay before Redis that can be told to refuse, to fall silent, or to answer late."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Literal

Mode = Literal["pass", "refuse", "silent", "slow"]


class Switch:
    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.mode: Mode = "pass"
        self.delay = 0.04  # of each answer, in "slow"
        self.server: socket.socket | None = None
        self.links: list[socket.socket] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.to("pass")

    def to(self, mode: Mode) -> None:
        """From now on. Connections that are open are cut when it refuses."""
        self.mode = mode
        if mode == "refuse":
            if self.server:
                with contextlib.suppress(OSError):
                    self.server.shutdown(socket.SHUT_RDWR)
                self.server.close()
                self.server = None
            for link in self.links:
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
                link.close()
            self.links.clear()
        elif self.server is None:
            self.server = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
            threading.Thread(target=self._serve, args=(self.server,), daemon=True).start()

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                return
            self.links += [near, far]
            threading.Thread(target=self._copy, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._copy, args=(far, near, True), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.mode == "silent":
                    while self.mode == "silent":
                        time.sleep(0.01)
                    for end in (source, target):  # what was swallowed never arrives
                        end.shutdown(socket.SHUT_RDWR)
                    return
                if answers and self.mode == "slow":
                    time.sleep(self.delay)
                target.sendall(data)
