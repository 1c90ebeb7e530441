"""A headless Chromium, spoken to over its debugging pipe: enough to open a file, press things and look."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_CODES = {"Enter": {"windowsVirtualKeyCode": 13}}
# The browser reads commands on descriptor 3 and answers on descriptor 4; both numbers given are at least as high.
_ON_THREE_AND_FOUR = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_LONGEST_WAIT_S = 60
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """The path of an installed Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One open tab, with everything that it complained of and asked for."""

    def __init__(self, pipe: "_Pipe", session: str) -> None:
        self._pipe = pipe
        self._session = session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer of the browser to one command."""
        return self._pipe.call(method, parameters, self._session)

    def open(self, file: Path, *, width: int = 1400, height: int = 900, dark: bool = False) -> None:
        """Loads a file in a window of this size and waits until its figures are drawn."""
        self.load(file, width=width, height=height, dark=dark)
        self.until("!document.querySelector('.figure:not(.js-plotly-plot)')")

    def load(self, file: Path, *, width: int = 1400, height: int = 900, dark: bool = False) -> None:
        """Loads a file in a window of this size and waits for its load event."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=file.resolve().as_uri())
        self._pipe.wait_for(lambda event: event.get("method") == "Page.loadEventFired")

    def until(self, condition: str) -> None:
        """Waits until a condition holds in the page."""
        self.evaluate(f"""new Promise((done) => {{
            const look = () => ({condition}) ? done(true) : setTimeout(look, 20);
            look();
        }})""")

    def evaluate(self, script: str) -> Any:
        """The value of a script in the page; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Clicks at a place in the window where the mouse is already."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def move(self, x: float, y: float) -> None:
        """Moves the mouse to a place in the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def press(self, key: str) -> None:
        """Presses a key."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, **_CODES.get(key, {}), **text)
            text = {}

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Writes a PNG of the page."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png", **self._clip(whole))
        file.write_bytes(base64.b64decode(answer["data"]))

    def complaints(self) -> list[str]:
        """Errors and warnings of scripts, of the console and of the content-security policy."""
        found = []
        for event in self._events():
            what = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(what["exceptionDetails"]))
            if event["method"] == "Runtime.consoleAPICalled" and what["type"] in {"error", "warning", "assert"}:
                found.append(str(what["args"]))
            if event["method"] == "Page.javascriptDialogOpening":
                found.append(what["message"])
            if event["method"] == "Log.entryAdded" and what["entry"]["level"] in {"error", "warning"}:
                found.append(what["entry"]["text"])
        return found

    def requests(self) -> list[str]:
        """Addresses that the page asked for; data that is part of the page is not counted."""
        asked = [e["params"]["request"]["url"] for e in self._events() if e["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith(("data:", "blob:"))]

    def _events(self) -> list[dict[str, Any]]:
        return [event for event in self._pipe.events if event.get("sessionId") == self._session]

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}


class _Pipe:
    def __init__(self, reading: int, writing: int) -> None:
        self._in = os.fdopen(reading, "rb", buffering=0)
        self._out = os.fdopen(writing, "wb", buffering=0)
        self._rest = b""
        self._calls = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        self._calls += 1
        number = self._calls
        message = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        self._out.write(json.dumps(message).encode() + b"\0")
        answer = self.wait_for(lambda event: event.get("id") == number)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def wait_for(self, wanted: Any) -> dict[str, Any]:
        while True:
            message = self._next()
            if "method" in message:
                self.events.append(message)
            if wanted(message):
                return message

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._in], [], [], _LONGEST_WAIT_S)[0], "the browser does not answer"
            part = os.read(self._in.fileno(), 1 << 16)
            assert part, "the browser ended"
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def close(self) -> None:
        self._in.close()
        self._out.close()


@contextmanager
def browser(profile: Path) -> Iterator[_Pipe]:
    """A running Chromium that keeps its profile in the folder `profile`."""
    program = chromium()
    assert program is not None
    to_browser, our_writing = os.pipe()
    our_reading, from_browser = os.pipe()
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run")
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", _ON_THREE_AND_FOUR, str(to_browser), str(from_browser)),
            *(program, *options, f"--user-data-dir={profile}"),
        ],
        pass_fds=(to_browser, from_browser),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    pipe = _Pipe(our_reading, our_writing)
    try:
        yield pipe
        pipe.call("Browser.close", {})
    finally:
        pipe.close()
        process.wait(timeout=30)


def new_page(pipe: _Pipe) -> Page:
    """A new, empty tab."""
    target = pipe.call("Target.createTarget", {"url": "about:blank"})["targetId"]
    return Page(pipe, pipe.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"])
