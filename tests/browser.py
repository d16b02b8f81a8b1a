"""A headless Chromium, spoken to over a pipe: nothing is installed for it, and without one its tests are skipped."""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 30


def program():
    """Return the browser of this machine, or None."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Browser:
    """One page of one browser."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="xinyong-browser-")
        hears, self.tells = os.pipe()
        self.hears, tells = os.pipe()
        switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        switches += ["--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={self.profile}"]
        command = ["bash", "-c", f'exec "$@" 3<&{hears} 4>&{tells}', "browser", program(), *switches, "about:blank"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, pass_fds=(hears, tells), start_new_session=True, **quiet)
        os.close(hears)
        os.close(tells)
        self.numbers, self.rest, self.events, self.session = itertools.count(1), b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for part in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{part}.enable")

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.tells)
        os.close(self.hears)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **params):
        """Ask the browser for something and return its answer."""
        number = next(self.numbers)
        asked = {"id": number, "method": method, "params": params}
        if self.session:
            asked["sessionId"] = self.session
        os.write(self.tells, json.dumps(asked).encode() + b"\0")
        answer = self._wait(lambda told: told.get("id") == number)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url):
        """Go to a page and wait until it is loaded; what happened before is forgotten."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self):
        """Wait until a page is loaded that was asked for since the events were forgotten."""
        if not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self._wait(lambda told: told.get("method") == "Page.loadEventFired")

    def ask(self, expression):
        """Return the value of an expression in the page; a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key, text=""):
        code = {"Tab": 9, "Enter": 13}.get(key, 0)
        text = "\r" if key == "Enter" else text
        down = {"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def resize(self, width, height, mobile=False, scale=1):
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def colours(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self):
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def asked_for(self):
        """Return the addresses that the page asked for."""
        requests = [event["params"] for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return [request["request"]["url"] for request in requests]

    def complaints(self):
        """Return what the console says: errors, what the page's own policy forbade; a file not found is an answer."""
        entries = [event["params"]["entry"] for event in self.events if event.get("method") == "Log.entryAdded"]
        thrown = [event["params"] for event in self.events if event.get("method") == "Runtime.exceptionThrown"]
        said = [entry["text"] for entry in entries if not entry["text"].startswith("Failed to load resource")]
        return said + [str(one) for one in thrown]

    def _wait(self, fits):
        end = time.monotonic() + SECONDS
        while True:
            *whole, self.rest = self.rest.split(b"\0")
            told = [json.loads(one) for one in whole]
            self.events += [one for one in told if "method" in one]
            for one in told:
                if fits(one):
                    return one
            ready, _, _ = select.select([self.hears], [], [], max(0, end - time.monotonic()))
            assert ready, "the browser did not answer in time"
            self.rest += os.read(self.hears, 1 << 16)
