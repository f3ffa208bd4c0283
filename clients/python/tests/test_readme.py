from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitq.testing import Server

README = (Path(__file__).parents[1] / "README.md").read_text()
EXAMPLES = {
    heading: code
    for section in README.split("\n## ")[1:]
    for heading, code in [
        (section.partition("\n")[0], block) for block in re.findall(r"^```python\n(.*?)^```", section, re.M | re.S)
    ]
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server without the subscriptions of other tests."""
    with Server() as server:
        yield server


@pytest.mark.parametrize("heading", [heading for heading, code in EXAMPLES.items() if "# prints: " in code])
def test_an_example_prints_what_it_says(heading: str, server: Server, tmp_path: Path) -> None:
    code = EXAMPLES[heading]
    (tmp_path / "example.py").write_text(code)
    environment = {**os.environ, "SITQ_ADDRESS": server.address, "PYTHONWARNINGS": "error"}
    ran = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    wanted = [re.escape(line).replace("…", ".+") for line in re.findall(r"^# prints: (.*)$", code, re.M)]
    assert re.fullmatch(r" *\n".join(wanted) + r" *\n", ran.stdout), ran.stdout


def test_the_test_of_the_readme_passes_by_the_plugin(tmp_path: Path) -> None:
    declared = EXAMPLES["A producer and a worker"].partition("async def main()")[0]
    (tmp_path / "test_greet.py").write_text(declared + EXAMPLES["Tests"])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_greet.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "1 passed" in ran.stdout, ran.stdout


def test_every_feature_has_an_example() -> None:
    assert len(EXAMPLES) >= 9
