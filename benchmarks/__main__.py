"""`python -m benchmarks [analyse|cells|decide|soak] [options]` (`make bench`): with none named, all in one run."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import analyse, cells, decide, soak

_BY_NAME = {"analyse": analyse.main, "cells": cells.main, "decide": decide.main, "soak": soak.main}

named = sys.argv[1:2]
chosen = [_BY_NAME[name] for name in named or _BY_NAME if name in _BY_NAME]
if not chosen:
    sys.exit(str(__doc__))
print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores", flush=True)
sys.exit(max([main(sys.argv[2:]) for main in chosen]))
