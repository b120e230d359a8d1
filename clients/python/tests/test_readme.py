"""The examples of the documentation run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, TOOL, Network


def _blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def _examples() -> list[object]:
    pages = ("clients/python/README.md", "docs/coming-from-ezkl.md")
    return [pytest.param(block, id=f"{Path(page).stem}-{number}") for page in pages for number, block in enumerate(_blocks(page))]


@pytest.mark.parametrize("block", _examples())
def test_an_example_runs(network: Network, block: str, tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    for name in ("digits_mlp.onnx", "digits_mlp_input.json"):
        shutil.copy(ROOT / "examples" / name, tmp_path / "examples")
    program = block.replace("http://127.0.0.1:9001", network.url)
    environment = {**os.environ, "EZKL_TOKEN": network.token, "PATH": f"{TOOL.parent}:/usr/bin:/bin"}
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
