"""Debian's Chromium, asked over its DevTools protocol: what a page loads, says, looks like and prints."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

WITHIN = 60.0
"""Seconds for an answer, on a machine that has much else to do."""


def program() -> str | None:
    """Where it is, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Tab:
    """One page. `events` holds what it said and every request that it made."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Log", "Runtime", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> Any:
        """A method of the protocol and its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (told := self._told()).get("id") != number:
            self.events.append(told)
        assert "error" not in told, told
        return told["result"]

    def _told(self) -> dict[str, Any]:
        return dict(json.loads(self._socket.recv(timeout=WITHIN)))

    def open(self, file: Path) -> None:
        """Load a file and everything that it asks for."""
        self.events.clear()
        self.ask("Page.navigate", url=file.as_uri())
        while not any(one.get("method") == "Page.loadEventFired" for one in self.events):
            self.events.append(self._told())

    def named(self, method: str) -> list[dict[str, Any]]:
        """What was told by this name."""
        return [one["params"] for one in self.events if one.get("method") == method]

    def value(self, expression: str) -> Any:
        """What a script of ours finds in the page (the protocol may what the page may not)."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def scheme(self, name: str) -> None:
        """`light` or `dark`."""
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, width: int = 1100) -> bytes:
        """The whole page as PNG."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def printed(self) -> bytes:
        """The page as PDF, on the paper that it asks for."""
        return base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A browser of its own, which keeps everything in `folder` and ends with the block."""
    found = program()
    assert found is not None
    port = folder / "profile" / "DevToolsActivePort"
    # No sandbox: root has none, and containers mostly have none to give; the pages are ours.
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    arguments += ["--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}", "about:blank"]
    with (folder / "said").open("wb") as said:
        child = subprocess.Popen(
            [found, *arguments], stdout=said, stderr=said, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
        try:
            until = time.monotonic() + WITHIN
            while not port.exists() or len(port.read_text().split()) < 2:
                assert child.poll() is None, (folder / "said").read_text(errors="replace")
                assert time.monotonic() < until, "it does not answer"
                time.sleep(0.05)
            number = port.read_text().split()[0]
            with connect(f"ws://127.0.0.1:{number}{_target(int(number))}", max_size=None) as socket:
                yield Tab(socket)
        finally:
            child.terminate()
            child.wait(WITHIN)


def _target(port: int) -> str:
    """The path of the first page's socket."""
    import httpx

    listed = httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json()
    page = next(one for one in listed if one["type"] == "page")
    return "/devtools" + str(page["webSocketDebuggerUrl"]).partition("/devtools")[2]
