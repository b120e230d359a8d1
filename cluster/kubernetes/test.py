#!/usr/bin/env python3
"""Runs the chart's token script against a coordinator and an API server that only takes notes; a worker then joins with the token.

usage: cluster/kubernetes/test.py [FOLDER OF BINARIES]        exit codes: 0 done or skipped with a word, 1 failed
"""

import base64
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from harness import ROOT, Cluster, Failed, Skipped, expect  # noqa: E402

notes = []


class API(http.server.BaseHTTPRequestHandler):
    def do_PATCH(self):
        notes.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def run(cluster):
    if not shutil.which("curl"):
        raise Skipped("there is no curl")
    cluster.program("ezkl-coord")
    cluster.serve()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), API)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    account = cluster.folder / "account"
    account.mkdir()
    (account / "token").write_text("of-the-account")
    done = subprocess.run(
        ["bash", str(HERE / "ezkl/files/token.sh")], capture_output=True, text=True, timeout=60,
        env={"PATH": f"{cluster.binaries}:{os.environ['PATH']}", "COORDINATOR": cluster.address,
             "COORDINATOR_HOME": str(cluster.home), "EXPIRES": "7d", "SECRET": "net-worker-token", "NAMESPACE": "proofs",
             "ACCOUNT": str(account), "KUBERNETES_API": f"http://127.0.0.1:{server.server_port}"})
    expect(done.returncode == 0, f"the script ended with {done.returncode}: {done.stderr}")
    (path, headers, body), = notes
    expect(path == "/api/v1/namespaces/proofs/secrets/net-worker-token", f"it went to {path}")
    expect(headers["Authorization"] == "Bearer of-the-account", "the account's token is missing")
    expect(headers["Content-Type"] == "application/merge-patch+json", f"a {headers['Content-Type']}")
    (cluster.folder / "token-w").write_bytes(base64.b64decode(json.loads(body)["data"]["token"], validate=True))
    cluster.workers["w"] = None
    cluster.join("w", "--token-file", cluster.folder / "token-w")


if __name__ == "__main__":
    try:
        with Cluster(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release").resolve()) as cluster:
            run(cluster)
        print("ok       kubernetes: the token job writes a token that a worker joins with")
    except Skipped as reason:
        print(f"skipped  kubernetes: {reason}")
    except (Failed, subprocess.TimeoutExpired) as reason:
        print(f"FAILED   kubernetes: {reason}")
        sys.exit(1)
