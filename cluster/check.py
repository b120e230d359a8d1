#!/usr/bin/env python3
"""Checks what cluster/ gives to other programs against these programs, as far as they are installed. Seconds; no network.

usage: cluster/check.py [--binaries DIR]

A line per check; what cannot be checked here is skipped with a word. Exit code 0: nothing failed, 1: something did.
Tools are looked for in PATH and in .venv/bin (PyPI: kubernetes-validate, ansible-core, ansible-lint).
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PATH = f"{os.environ['PATH']}:{ROOT / '.venv/bin'}:/usr/sbin:/sbin"
# The oldest and the newest that the chart is for, and one between.
KUBERNETES = ("1.25", "1.30", "1.34")


class Skipped(Exception):
    """The program is not there."""


class Failed(Exception):
    """What the program said."""


def tool(*names):
    """The first of these programs that is there."""
    for name in names:
        found = shutil.which(name, path=PATH)
        if found:
            return found
    raise Skipped(f"there is no {' or '.join(names)}")


def run(*words, **options):
    """Runs a program that has to succeed; returns its output."""
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, stdin=options.pop("stdin", subprocess.DEVNULL),
        env={**os.environ, "PATH": PATH, "NO_COLOR": "1", **options.pop("env", {})}, **options)
    if done.returncode != 0:
        raise Failed(f"{Path(words[0]).name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def shell_scripts(_):
    """shellcheck on every script."""
    scripts = [*HERE.glob("*/*.sh"), *HERE.glob("*/*.sbatch"), *HERE.glob("kubernetes/*/files/*.sh")]
    run(tool("shellcheck"), *scripts)
    return f"{len(scripts)} scripts"


def slurm(_):
    """Bash reads the batch script, and its options stand before the first command, where Slurm looks for them."""
    script = HERE / "slurm/workers.sbatch"
    run("bash", "-n", script)
    seen = False
    for line in script.read_text().splitlines():
        if line.startswith("#SBATCH") and seen:
            raise Failed(f"'{line}' comes after a command")
        seen = seen or (line.strip() != "" and not line.startswith("#"))


def chart(_):
    """Helm lints and renders the chart."""
    run(tool("helm"), "lint", "--strict", HERE / "kubernetes/ezkl")


def schemas(_):
    """What the chart gives is valid for the API, in several versions and with all options used."""
    helm, validate = tool("helm"), tool("kubernetes-validate")
    every = ["networkPolicy.apiServer[0].ipBlock.cidr=10.0.0.1/32", "image.pullSecrets[0].name=registry",
             "coordinator.storage.className=fast", "coordinator.options={--keep-jobs,30d}", "coordinator.nodeSelector.disk=ssd",
             "coordinator.tolerations[0].operator=Exists", "worker.nodeSelector.size=large", "worker.tolerations[0].operator=Exists"]
    for version in KUBERNETES:
        for options in ([], [word for option in every for word in ("--set", option)], ["--set", "networkPolicy.enabled=false"]):
            text = run(helm, "template", "net", HERE / "kubernetes/ezkl", "--kube-version", f"{version}.0", *options)
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text)
                file.flush()
                run(validate, "--strict", "--quiet", "-k", version, file.name)
    return f"Kubernetes {', '.join(KUBERNETES)}"


def token_job(binaries):
    """The token job's script against a coordinator."""
    text = run(sys.executable, HERE / "kubernetes/test.py", binaries).strip()
    if text.startswith("skipped"):
        raise Skipped(text.split(": ", 1)[1])


def compose(_):
    """Compose reads the file."""
    file = HERE / "compose/compose.yaml"
    if shutil.which("docker", path=PATH):
        try:
            run("docker", "compose", "version")
            run("docker", "compose", "--file", file, "config", "--quiet")
            return None
        except Failed as reason:
            if "unknown" not in str(reason) and "is not a docker command" not in str(reason):
                raise
    run(tool("docker-compose"), "--file", file, "config", "--quiet")


def units(_):
    """systemd reads the units, and finds them closed enough (2.0 of 10, where 0 is a service that may nothing)."""
    analyze = tool("systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for unit in HERE.glob("systemd/*.service"):
            copies.append(Path(folder) / unit.name)
            # The programs need not be installed here.
            copies[-1].write_text(re.sub(r"/usr/local/bin/ezkl-\w+", "/bin/true", unit.read_text()))
        said = subprocess.run([analyze, "verify", "--man=no", *map(str, copies)], capture_output=True, text=True)
        if said.returncode != 0 or said.stderr.strip():
            raise Failed(said.stderr)
        exposed = [re.search(r"exposure level for (\S+): ([\d.]+)",
                             run(analyze, "security", "--no-pager", "--offline=true", "--threshold=20", copy))
                   for copy in copies]
    return ", ".join(f"{found[1]} {found[2]}" for found in exposed if found)


def ansible(_):
    """Ansible reads the playbooks."""
    folder = HERE / "ansible"
    run(tool("ansible-playbook"), "--syntax-check", "-i", "inventory.example.yml", "site.yml", "drain.yml", cwd=folder)


def ansible_lint(_):
    """ansible-lint, by its strictest profile."""
    run(tool("ansible-lint"), "--offline", "--profile", "production", "--nocolor", ".", cwd=HERE / "ansible")


def alarms(_):
    """Prometheus reads its configuration and the rules, and the alarms go off when they should."""
    promtool = tool("promtool")
    with tempfile.TemporaryDirectory() as folder:
        for file in HERE.glob("monitoring/*.yml"):
            text = file.read_text().replace("/etc/prometheus/ezkl-token", f"{folder}/token")
            (Path(folder) / file.name).write_text(text)
        (Path(folder) / "token").touch()
        run(promtool, "check", "config", "prometheus.yml", cwd=folder)
        run(promtool, "test", "rules", "alerts_test.yml", cwd=folder)


def dashboard(_):
    """Every expression of the dashboard is one of Prometheus' language."""
    panels = json.loads((HERE / "monitoring/dashboard.json").read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    rules = [{"record": f"panel_{number}", "expr": text.replace("$__rate_interval", "5m").replace("$instance", "a")}
             for number, text in enumerate(asked)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
        file.flush()
        run(tool("promtool"), "check", "rules", file.name)
    return f"{len(asked)} expressions"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, default=ROOT / ".build/release")
    binaries = parser.parse_args().binaries.resolve()
    failures = 0
    for check in (shell_scripts, slurm, chart, schemas, token_job, compose, units, ansible, ansible_lint, alarms,
                  dashboard):
        try:
            said = check(binaries)
            print(f"ok       {check.__name__}{f': {said}' if said else ''}", flush=True)
        except Skipped as reason:
            print(f"skipped  {check.__name__}: {reason}", flush=True)
        except Failed as reason:
            failures += 1
            print(f"FAILED   {check.__name__}: {reason}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
