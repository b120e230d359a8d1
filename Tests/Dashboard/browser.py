"""A headless Chromium, driven over the DevTools protocol."""
import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

from websockets.sync.client import connect


def find():
    """Where Chromium is; None where it is not installed."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if path := shutil.which(name):
            return path
    return None


class Page:
    """One page, with all that it said in vain: console errors, exceptions, violations of its policy, requests that failed."""

    def __init__(self, width=1280, height=900):
        self.folder = tempfile.mkdtemp(prefix="dashboard-")
        self.process = subprocess.Popen(
            [find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
             "--disable-background-networking", "--disable-component-update", "--no-first-run", "--remote-debugging-port=0",
             f"--user-data-dir={self.folder}", f"--window-size={width},{height}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.faults, self.number, self.hosts = [], 0, set()
        try:
            port = self.wait_for_port()
            self.socket = connect(self.address(port), max_size=1 << 28)
        except BaseException:
            self.close()
            raise
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def wait_for_port(self):
        file = pathlib.Path(self.folder, "DevToolsActivePort")
        for _ in range(300):
            if file.exists() and (lines := file.read_text().split()):
                return int(lines[0])
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError("Chromium did not start")

    @staticmethod
    def address(port):
        import urllib.request
        for _ in range(100):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
                pages = [it for it in json.load(answer) if it["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise RuntimeError("Chromium has no page")

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.hear(message)

    def hear(self, message):
        """Remembers what a good page does not do."""
        it = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.faults.append("exception: " + (it["exceptionDetails"].get("exception", {}).get("description") or it["exceptionDetails"]["text"]))
            case "Runtime.consoleAPICalled" if it["type"] in ("error", "warning", "assert"):
                self.faults.append("console: " + " ".join(str(arg.get("value", arg.get("description"))) for arg in it["args"]))
            case "Log.entryAdded" if it["entry"]["level"] in ("error", "warning"):
                self.faults.append(f"log: {it['entry']['text']} {it['entry'].get('url', '')}")
            case "Network.requestWillBeSent":
                self.hosts.add(it["request"]["url"].split("/")[2] if "//" in it["request"]["url"] else it["request"]["url"][:5])

    def resize(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def open(self, url):
        self.call("Page.navigate", url=url)

    def run(self, script):
        """The value of an expression in the page; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True,
                           allowUnsafeEvalBlockedByCSP=False)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return answer["result"].get("value")

    def until(self, script, what, seconds=30):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(f"Boolean({script})"):
                return
            time.sleep(0.1)
        raise AssertionError(f"{what}: not within {seconds} s; the page says:\n{self.text()}\n{self.faults}")

    def text(self):
        return self.run("document.body.innerText")

    def type(self, selector, text):
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, script):
        """Clicks the element that an expression gives, or that a selector finds."""
        self.run(f"((it) => {{ if (!it) throw new Error('nothing to click'); it.click(); }})({script})")

    def key(self, name, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def shot(self, path, whole=True, height=None):
        box = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": box["width"], "height": min(height or 20000, box["height"]), "scale": 1}
        options = {"clip": clip, "captureBeyondViewport": True} if whole else {}
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"]))
