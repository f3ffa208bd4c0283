from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parents[1]


def test_the_wheel_holds_every_module_and_says_that_it_is_typed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(SOURCE)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("sitq-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("sitq/")}
    files = {path.relative_to(SOURCE / "src").as_posix() for path in (SOURCE / "src").rglob("*") if path.is_file()}
    assert held == {name for name in files if "__pycache__" not in name}
    assert "sitq/py.typed" in held
