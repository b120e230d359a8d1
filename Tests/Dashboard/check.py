#!/usr/bin/env python3
"""The dashboard in a headless Chromium, before a real coordinator with workers and jobs.

Whoever may what sees it and no more; a job's progress, plan, timeline and numbers are those of the API; actions are asked about and do
what they say; 200 workers and 10,000 jobs are no trouble; nothing comes from another host, and the browser has nothing to complain
about. Usage: check.py BINARIES [--files] [--shots FOLDER]; --files takes the dashboard's files from the working tree, whatever is in
the binary.
"""
import argparse
import hashlib
import json
import pathlib
import sqlite3
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(ROOT / "cluster")]

import browser  # noqa: E402
import proxy  # noqa: E402
from harness import EXAMPLES, INPUT, MODEL, Cluster, Running, Skipped, expect, until  # noqa: E402

JOBS, LIGHT = 10_000, 200


class Network:
    """A coordinator with two workers, and its API."""

    def __init__(self, cluster, files, shots):
        self.cluster, self.files, self.shots = cluster, files, shots
        self.start()
        self.tokens = {role: cluster.run("token", "create", "--http", f"{role}'s", "--role", role).strip()
                       for role in ("viewer", "client", "operator", "admin")}
        for name in ("left", "right"):
            cluster.join(name)

    def start(self, port=0):
        server = self.cluster.serve("--http", "127.0.0.1:0", port=port)
        self.api = next(line.split()[-1] for line in server.text.splitlines() if "HTTP on" in line)
        self.url = f"{self.api}/"
        if self.files:
            before = proxy.serve(0, self.api)
            threading.Thread(target=before.serve_forever, daemon=True).start()
            self.url = f"http://127.0.0.1:{before.server_port}/"

    def ask(self, path, method="GET", body=None, role="operator"):
        request = urllib.request.Request(f"{self.api}/v1/{path}", method=method, headers={"Authorization": f"Bearer {self.tokens[role]}"})
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            request.add_header("Content-Type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def submit(self, model=MODEL, input=INPUT, role="operator", **options):
        order = {"name": model.name, "options": options}
        for member, path in (("model", model), ("input", input)):
            order[member] = hashlib.sha256(path.read_bytes()).hexdigest()
            self.ask(f"artifacts/{order[member]}", "PUT", path.read_bytes(), role)
        return self.ask("jobs", "POST", order, role)["job"]["id"]

    def detail(self, job):
        return self.ask(f"jobs/{job}?attempts=true")

    def wait(self, job, stage="done"):
        return until(f"job {job} to be {stage}", 120, lambda: self.detail(job)["job"]["stage"] == stage, pause=0.3)


class Visitor(browser.Page):
    """Somebody with a token before a page."""

    def __init__(self, network, **size):
        super().__init__(**size)
        self.network = network

    def picture(self, name, height, width=1200, scheme="light"):
        """Keeps a picture of the top of the page, where that is wanted."""
        if self.network.shots:
            self.scheme(scheme)
            self.resize(width, height, mobile=width < 600)
            self.run("scrollTo(0, 0)")
            time.sleep(2.5)
            self.shot(pathlib.Path(self.network.shots, name), whole=False)
            self.scheme("light")
            self.resize(1280, 900)

    def sign_in(self, token):
        self.open(self.network.url)
        self.until("document.querySelector('#token')", "the form to sign in")
        self.type("#token", token)
        self.press("Sign in")

    def enter(self, role):
        self.sign_in(self.network.tokens[role])
        self.until("document.querySelector('nav a')", "the pages")

    def leave(self):
        self.press("Sign out")
        self.until("document.querySelector('#token')", "the form to sign in")

    def go(self, page):
        self.run(f"location.hash = {json.dumps('#/' + page)}")
        title = page.split("?")[0].split("/")[0].capitalize()
        self.until(f"document.querySelector('h1')?.textContent.startsWith({json.dumps(title)})", f"the page {title}")

    def press(self, label, within="document"):
        """Presses the button with this text or label."""
        self.click(f"[...({within}).querySelectorAll('button, summary')].find((it) => "
                   f"it.textContent === {json.dumps(label)} || it.getAttribute('aria-label') === {json.dumps(label)})")

    def labels(self):
        return self.run("[...document.querySelectorAll('main button')].map((it) => it.getAttribute('aria-label') ?? it.textContent)")

    def count(self, selector):
        return self.run(f"document.querySelectorAll({json.dumps(selector)}).length")

    def row(self, text):
        """The cells of the row whose first cell has this text, by their columns."""
        return self.run(f"Object.fromEntries([...([...document.querySelectorAll('tbody tr')].find((it) => "
                        f"it.firstChild.textContent === {json.dumps(text)})?.children ?? [])].map((it) => [it.dataset.title, it.textContent]))")

    def forgive(self, *parts):
        """Faults that this step was about are none."""
        self.run("0")
        self.faults = [fault for fault in self.faults if not any(part in fault for part in parts)]


def signing_in(page, network):
    page.sign_in("nobody's")
    page.until("document.querySelector('[role=alert]').textContent.includes('not accepted')", "the refusal")
    page.forgive("401")
    page.enter("viewer")
    expect(page.run("Object.keys(localStorage).length + document.cookie.length") == 0, "something is kept beyond the tab")
    page.open("about:blank")
    page.open(network.url)
    page.until("document.querySelector('nav a')", "the pages without another question")
    links = page.run("[...document.querySelectorAll('nav a')].map((it) => it.textContent)")
    expect(links[:3] == ["Cluster", "Workers", "Jobs"] and "Audit" not in links, f"a viewer is shown {links}")


def running_job(page, network):
    """The job is shown while it runs, and as the API describes it."""
    job = network.submit(EXAMPLES / "repeated_blocks.onnx", EXAMPLES / "repeated_blocks_input.json", limits={"constraints": 4096},
                         target="aleo-mainnet")
    page.go("cluster")
    page.until(f"document.querySelector('main').innerText.includes({json.dumps(job)})", "the job in the queue")
    page.go(f"job/{job}")
    page.until("document.querySelector('.progress progress')", "progress", 60)
    page.until("document.querySelector('svg.plan')", "the plan", 60)
    page.until("document.querySelector('.bar.instances, .badge.good')", "proving", 120)
    page.picture("running.png", 860, scheme="dark")
    page.until("document.querySelector('.job-head .badge').textContent === 'done'", "the end by itself", 120)
    page.until("document.querySelectorAll('.chunk.proved').length > 0", "proven chunks")
    detail, plan = network.detail(job), network.ask(f"jobs/{job}/plan")
    expect(page.count("svg.plan .chunk.proved") == len(plan["chunks"]), "not all chunks are shown as proven")
    expect(page.count("svg.plan .wire") == sum(len(cut["readers"]) for cut in plan["cuts"] if "maker" in cut), "connections are missing")
    expect(page.count("svg.timeline .bar") == len(detail["attempts"]), "attempts are missing in the timeline")
    expect(page.count("svg.timeline .step") == len(detail.get("steps", [])), "steps are missing in the timeline")
    text = page.text()
    for part in (plan["accuracy"][0]["output"], f"{sum(it['proofBytes'] for it in plan['groups']):,}", plan["onChain"]["program"], "credits"):
        expect(part in text, f"'{part}' is not on the page of the job")
    page.picture("job.png", 760)
    page.click("[...document.querySelectorAll('summary')].find((it) => it.textContent.includes('chunks'))")
    expect(page.count("details[open] tbody tr") == len(plan["chunks"]), "the table has not all chunks")
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(network.cluster.folder))
    return job


def roles(page, network, job):
    """A viewer changes nothing, a client its own jobs; both are shown so."""
    page.go(f"job/{job}")
    page.until("document.querySelector('svg.plan')", "the plan")
    expect(set(page.labels()) & {f"Delete job {job}", "Download the proof"} == set(), "a viewer is offered what it may not")
    page.go("workers")
    page.until("document.querySelector('tbody tr')", "the workers")
    expect(not [it for it in page.labels() if it.startswith(("Cordon", "Drain", "Revoke"))], "a viewer may steer workers")
    page.leave()
    page.enter("client")
    page.go("jobs")
    page.until("document.querySelector('main').innerText.includes('No job fits')", "an empty list")
    page.run(f"location.hash = '#/job/{job}'")
    page.until("document.querySelector('main [role=alert]')", "that it is not there")
    page.forgive("404")
    page.run("location.hash = '#/audit'")
    page.until("document.querySelector('h1')?.textContent === 'Cluster'", "the first page")
    page.leave()


def steering(page, network, job):
    """An operator's actions are asked about, and do what they say."""
    page.enter("operator")
    page.go("workers")
    page.until("document.querySelector('tbody tr')", "the workers")
    worker = lambda: next(it for it in network.ask("workers")["workers"] if it["name"] == "left")  # noqa: E731
    page.press("Cordon left")
    page.until("document.querySelector('dialog[open]')", "the question")
    page.key("Escape", 27)
    page.until("!document.querySelector('dialog')", "its end")
    expect(worker()["state"] == "live", "a question that was not answered did something")
    page.press("Cordon left")
    page.type("#action-field", "new disk")
    page.press("Cordon", "document.querySelector('dialog')")
    page.until("!document.querySelector('dialog')", "the end of the question")
    expect(worker()["state"] == "cordoned" and worker()["record"]["reason"] == "new disk", "the worker is not cordoned")
    page.until("[...document.querySelectorAll('tbody tr')].some((it) => it.innerText.includes('new disk'))", "the reason")
    page.press("Uncordon left")
    page.press("Uncordon", "document.querySelector('dialog')")
    until("the worker's return", 10, lambda: worker()["state"] in ("live", "probation"))

    page.go(f"job/{job}")
    page.until("document.querySelector('svg.plan')", "the plan")
    page.press("Download the proof")
    document = network.cluster.folder / f"{job}.proof.json"
    until("the proof", 20, document.exists)
    until("all of it", 20, lambda: network.cluster.command("verify", document, "--model", EXAMPLES / "repeated_blocks.onnx")[0] == 0)
    other = network.submit(EXAMPLES / "digits_cnn.onnx", EXAMPLES / "digits_cnn_input.json")
    page.go(f"job/{other}")
    page.until(f"document.querySelector('[aria-label=\"Cancel job {other}\"]')", "the button")
    page.press(f"Cancel job {other}")
    page.press("Cancel", "document.querySelector('dialog')")
    network.wait(other, "cancelled")
    page.until(f"document.querySelector('[aria-label=\"Delete job {other}\"]')", "its end")
    page.press(f"Delete job {other}")
    page.press("Delete", "document.querySelector('dialog')")
    page.until("location.hash === '#/jobs'", "the list of jobs")
    page.forgive(f"{other}/plan")
    expect(other not in [it["id"] for it in network.ask("jobs")["jobs"]], "the job is still there")

    page.go("audit")
    page.until("document.querySelectorAll('tbody tr').length > 3", "entries")
    expect("worker.cordon" in page.text() and "job.delete" in page.text(), "the audit log does not have what was done")
    page.go("members")
    page.until("document.querySelectorAll('tbody tr').length > 3", "tokens")
    page.press("Make a token for HTTP")
    page.type("#new-name", "reader")
    page.press("Make")
    page.until("document.querySelector('output code')", "the token")
    made = page.run("document.querySelector('output code').textContent")
    page.leave()
    page.sign_in(made)
    page.until("document.querySelector('nav a')", "its pages")
    token = next(it for it in network.ask("tokens")["tokens"] if it.get("bearer") == "reader")
    network.ask(f"tokens/{token['id']}/revoke", "POST")
    page.until("document.querySelector('[role=alert]')?.textContent.includes('revoked')", "the word that it is of no use any more")
    page.forgive("401")


def keys_alone(page, network):
    """The first stop of the keyboard leads past the pages; a column is sorted by Enter."""
    page.enter("operator")
    page.open("about:blank")
    page.open(f"{network.url}#/workers")
    page.until("document.querySelector('tbody tr')", "the workers")
    page.key("Tab", 9)
    expect(page.run("document.activeElement.id") == "skip", "the first stop is another one")
    page.run("[...document.querySelectorAll('button.sort')].find((it) => it.textContent === 'Speed').focus()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    expect(page.run("document.querySelector('[aria-sort]').textContent") == "Speed", "Enter does not sort")
    unnamed = page.run("""[...document.querySelectorAll('button, a, input, select, [role=region], svg[role=img]')].filter((it) =>
      !(it.textContent.trim() || it.getAttribute('aria-label') || it.labels?.length)).length""")
    expect(unnamed == 0, f"{unnamed} elements have no name")


def many(page, network, job):
    """200 workers, 10,000 jobs that ended."""
    port = network.cluster.address.rsplit(":", 1)[1]
    page.leave()
    network.cluster.server.kill()
    database = sqlite3.connect(network.cluster.home / "coordinator.sqlite")
    columns = [row[1] for row in database.execute("PRAGMA table_info(jobs)")]
    values = [{"id": "printf('%012x', n)", "submitted": "submitted - n * 20", "updated": "updated - n * 20"}.get(it, it) for it in columns]
    database.execute(f"WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < {JOBS}) "
                     f"INSERT INTO jobs ({', '.join(columns)}) SELECT {', '.join(values)} FROM jobs, count WHERE id = ?", [job])
    database.commit()
    database.close()
    network.start(port)
    token = network.cluster.folder / "light"
    token.write_text(network.cluster.run("token", "create"))
    Running(network.cluster, "light", ["bash", "-c", f"exec {network.cluster.program('light-workers')} {LIGHT} 300 < {token}"])
    until("all workers", 60, lambda: len([it for it in network.ask("workers")["workers"] if it["state"] == "live"]) >= LIGHT)
    page.enter("operator")
    page.go("workers")
    page.until(f"document.querySelectorAll('tbody tr').length >= {LIGHT}", "all workers")
    page.picture("phone.png", 844, width=390)
    # They wait for workers that will not come.
    waiting = [network.submit(workers=300), network.submit(EXAMPLES / "digits_cnn.onnx", EXAMPLES / "digits_cnn_input.json", workers=400)]
    page.go("cluster")
    page.until(f"document.querySelectorAll('tbody tr').length >= {LIGHT} + 2", "all workers and jobs")
    page.until(f"document.querySelectorAll('tbody tr').length && {json.dumps(waiting)}.every((id) => "
               "[...document.querySelectorAll('tbody tr')].some((it) => it.innerText.includes(id) && /workers/.test(it.innerText)))",
               "why they wait", 60)
    page.picture("cluster.png", 860)
    for one in waiting:
        network.ask(f"jobs/{one}/cancel", "POST")
    page.go("workers")
    page.until(f"document.querySelectorAll('tbody tr').length >= {LIGHT}", "all workers")
    began = time.monotonic()
    page.type("#worker-search", "right")
    page.until("document.querySelectorAll('tbody tr').length === 1", "one worker")
    expect(time.monotonic() - began < 2, "finding one of many takes long")
    page.go("jobs")
    seen = set()
    for _ in range(3):
        page.until("document.querySelectorAll('tbody tr').length === 50 && "
                   f"!{json.dumps(sorted(seen)[:1])}.includes(document.querySelector('tbody th').textContent)", "a page of jobs")
        found = set(page.run("[...document.querySelectorAll('tbody th')].map((it) => it.textContent)"))
        expect(not found & seen, "a job is on two pages")
        seen |= found
        before = page.run("document.querySelector('tbody th').textContent")
        page.press("Older")
        page.until(f"document.querySelector('tbody th') && document.querySelector('tbody th').textContent !== {json.dumps(before)}", "the next page")
    page.go("jobs?stage=failed")
    page.until("document.querySelector('main').innerText.includes('No job fits')", "none of them")


def logic(page):
    """What modules work out of answers that a healthy network does not give."""
    wrong = page.run(pathlib.Path(__file__).with_name("logic.js").read_text())
    expect(not wrong, "the modules are wrong:\n" + "\n".join(wrong))


def strictness(page, network):
    """The policy is in force: neither markup from texts nor scripts from elsewhere."""
    for script in ("document.body.innerHTML = '<b>x</b>'", "eval('1')"):
        failed = page.run(f"(() => {{ try {{ {script}; return false; }} catch {{ return true; }} }})()")
        expect(failed, f"'{script}' works")
    page.forgive("Trusted", "TrustedHTML", "trusted", "eval")
    for width, scheme in ((390, "light"), (1280, "dark")):
        page.resize(width, 844, mobile=width < 600)
        page.scheme(scheme)
        for name in ("cluster", "workers", "jobs", "members", "audit"):
            page.go(name)
            page.until("document.querySelector('tbody tr, .quiet')", "a table")
            expect(page.run("document.documentElement.scrollWidth") <= width, f"{name} is wider than a screen of {width}")
    hosts = page.hosts - {network.url.split("/")[2], "about", "about:", "blob:"}
    expect(not [it for it in hosts if not it.startswith(("127.0.0.1", "blob"))], f"other hosts were asked: {hosts}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binaries")
    parser.add_argument("--files", action="store_true")
    parser.add_argument("--shots", metavar="FOLDER", help="keep the pictures of docs/dashboard.md here")
    options = parser.parse_args()
    if browser.find() is None:
        print("dashboard-check: Chromium is not installed (apt-get install chromium); skipped")
        return
    with Cluster(options.binaries) as cluster:
        network = Network(cluster, options.files, options.shots)
        page = Visitor(network)
        try:
            signing_in(page, network)
            logic(page)
            job = running_job(page, network)
            roles(page, network, job)
            steering(page, network, job)
            keys_alone(page, network)
            try:
                many(page, network, job)
            except Skipped as reason:
                print(f"dashboard-check: {reason}; not tried with many workers and jobs")
            strictness(page, network)
            expect(not page.faults, "the browser complains:\n" + "\n".join(page.faults))
        finally:
            page.close()
    print("dashboard-check: nothing found")


if __name__ == "__main__":
    main()
