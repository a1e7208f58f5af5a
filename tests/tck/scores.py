"""The score table of docs/feel.md: run the kit, read the table, write it anew.

python -m tests.tck.scores            print the table that the kit gives now
python -m tests.tck.scores --write    and put it into docs/feel.md
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "feel.md"
BEGIN, END = "<!-- tck: begin -->", "<!-- tck: end -->"


def kit() -> Path | None:
    """The kit's folder, with its runner: `DMN_TCK`, else `../shared/tck` beside the project; None if absent."""
    places = [Path(os.environ["DMN_TCK"])] if os.environ.get("DMN_TCK") else [ROOT.parent / "shared" / "tck"]
    return next((place for place in places if (place / "tck_runner.py").is_file()), None)


def run(folder: Path) -> dict[str, Any]:
    """What the kit's runner finds, as it writes it."""
    with tempfile.TemporaryDirectory() as scratch:
        found = Path(scratch) / "found.json"
        command = [sys.executable, str(folder / "tck_runner.py"), "--adapter", "tests/tck/adapter.py"]
        command += ["--tck", str(folder), "--quiet", "--json", str(found)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=540)
        told: dict[str, Any] = json.loads(found.read_text())
        return told


def table(found: dict[str, Any]) -> str:
    """The score table in Markdown: passes of cases for each folder, and of those whose answer is not null."""
    lines = ["| folder | cases | passed | not null | passed |", "| --- | ---: | ---: | ---: | ---: |"]
    levels = [(f"**level {level}**", tally) for level, tally in found["levels"].items()]
    folders = [(name.removeprefix("compliance-"), tally) for name, tally in found["folders"].items()]
    lines += [
        f"| {name} | {tally['total']} | {tally['pass']} | {tally['nonnull']} | {tally['nonnull_pass']} |"
        for name, tally in (*levels, *folders)
    ]
    return "\n".join(lines)


def promised() -> dict[str, tuple[int, int, int, int]]:
    """The scores that docs/feel.md tells, by folder."""
    told = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| (\S.*?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", told, re.MULTILINE)
    return {name: (int(a), int(b), int(c), int(d)) for name, a, b, c, d in rows}


def main() -> None:
    """Print the table, and write it where it is asked for."""
    folder = kit()
    if folder is None:
        raise SystemExit("The DMN TCK is not here: set DMN_TCK to its folder.")
    told = table(run(folder))
    sys.stdout.write(told + "\n")
    if "--write" in sys.argv:
        page = PAGE.read_text()
        before, rest = page.partition(BEGIN)[0], page.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{rest}")


if __name__ == "__main__":
    main()
