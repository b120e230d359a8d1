"""A real coordinator and worker for the tests that need them, and a server that follows a script for the faults."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, List

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
    folder: Path
    processes: List["subprocess.Popen[bytes]"] = field(default_factory=list)
    coordinator: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def home(self) -> Path:
        """The coordinator's."""
        return self.folder / "coordinator"

    @property
    def log(self) -> Path:
        """What the coordinator said."""
        return self.folder / "coordinator.log"

    def start(self, name: str, *arguments: object) -> "subprocess.Popen[bytes]":
        """Starts a program that ends with the tests."""
        with (self.folder / f"{name}.log").open("wb") as output:
            command = [str(it) for it in arguments]
            self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output))
        return self.processes[-1]

    def serve(self, listen: str, http: str) -> None:
        """Starts the coordinator and waits until it answers."""
        self.coordinator = self.start("coordinator", TOOL, "serve", "--home", self.home, "--listen", listen, "--http", http)
        _wait_for(self.log, "listening on", self.coordinator)
        self.url = _wait_for(self.log, r"HTTP on (http:\S+)", self.coordinator)

    def restart(self) -> None:
        """Kills the coordinator and starts it at the same addresses."""
        self.coordinator.kill()
        self.coordinator.wait()
        self.serve((self.home / "address").read_text().strip(), self.url.partition("//")[2])

    def join(self, name: str) -> "subprocess.Popen[bytes]":
        """Starts a worker and waits until it is there."""
        token = self.folder / f"{name}.token"
        token.write_text(_token(self.home))
        address = (self.home / "address").read_text().strip()
        program = [BINARIES / "ezkl-worker", "join", address, "--token-file", token, "--home", self.folder / name, "--name", name]
        process = self.start(name, *program)
        with Client(self.url, self.token) as client:
            for _ in range(300):
                if any(it.name == name for it in client.workers()):
                    return process
                time.sleep(0.1)
        raise RuntimeError((self.folder / f"{name}.log").read_text(errors="replace"))

    def stop(self) -> None:
        """Ends all that was started."""
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def make_token(self, name: str, role: str) -> str:
        """A token for HTTP."""
        return _token(self.home, "--http", name, "--role", role)


def _token(home: Path, *options: str) -> str:
    arguments = [str(TOOL), "token", "create", "--home", str(home), *options]
    ended = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
    return ended.stdout.strip()


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
    if not TOOL.exists() and "EZKL_BIN" not in os.environ:
        pytest.skip(f"needs {TOOL} ('make build', or EZKL_BIN=FOLDER)")
    network = Network("", "", tmp_path_factory.mktemp("network"))
    try:
        network.serve("127.0.0.1:0", "127.0.0.1:0")
        network.token = network.make_token("tests", "operator")
        network.join("first")
        yield network
    finally:
        network.stop()


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What `ezkl-coord` keeps between its runs is not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield


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
