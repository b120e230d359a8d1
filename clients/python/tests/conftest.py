"""A real coordinator and worker for the tests that need them, and a server that follows a script for the faults."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import pytest
from scripted import ScriptedServer

from aleo_ezkl import Client, Retry

ROOT = Path(__file__).resolve().parents[3]
BINARIES = Path(os.environ.get("EZKL_BIN") or ROOT / ".build" / "release").resolve()
MODEL = ROOT / "examples" / "digits_mlp.onnx"
INPUT = ROOT / "examples" / "digits_mlp_input.json"
TOOL = BINARIES / "ezkl-coord"


@dataclass
class Network:
    """A coordinator with one worker."""

    url: str
    token: str
    home: Path
    log: Path

    def make_token(self, name: str, role: str) -> str:
        """A token for HTTP."""
        return _token(self.home, "--http", name, "--role", role)


def _token(home: Path, *options: str) -> str:
    arguments = [TOOL, "token", "create", "--home", home, *options]
    return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def _wait_for(log: Path, pattern: str, process: "subprocess.Popen[bytes]") -> str:
    for _ in range(300):
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[found.re.groups and 1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"'{pattern}' did not come:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    if not TOOL.exists():
        pytest.skip(f"needs {TOOL} ('make build', or EZKL_BIN=FOLDER)")
    folder = tmp_path_factory.mktemp("network")
    home, log = folder / "coordinator", folder / "coordinator.log"
    started = []

    def start(log: Path, *arguments: object) -> "subprocess.Popen[bytes]":
        with log.open("wb") as output:
            started.append(subprocess.Popen([str(it) for it in arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output))
        return started[-1]

    try:
        coordinator = start(log, TOOL, "serve", "--home", home, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0")
        _wait_for(log, "listening on", coordinator)
        url = _wait_for(log, r"HTTP on (http:\S+)", coordinator)
        token = _token(home, "--http", "tests", "--role", "operator")
        (folder / "join").write_text(_token(home))
        (folder / "join").chmod(0o600)
        address = (home / "address").read_text().strip()
        start(folder / "worker.log", BINARIES / "ezkl-worker", "join", address, "--token-file", folder / "join", "--home", folder / "worker")
        with Client(url, token) as client:
            for _ in range(300):
                if client.workers():
                    break
                time.sleep(0.1)
        yield Network(url, token, home, log)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def client(network: Network) -> Iterator[Client]:
    with Client(network.url, network.token) as client:
        yield client


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def scripted(server: ScriptedServer) -> Iterator[Client]:
    """A client of the scripted server, in a hurry."""
    with Client(server.url, "a-token", retry=Retry(attempts=4, base=0.01, cap=0.02, patience=5), timeout=5) as client:
        yield client
