"""`make bench-deployed`: what only the built and deployed bundle shows, as a table and in build/bench-deployed.json.

Linux: CPU time and memory are read from /proc.
"""

import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks import built, through
from benchmarks.__main__ import table
from benchmarks.rows import Row
from benchmarks.worlds import ROOT
from tests.deployed.stack import deployed

FILE = ROOT / "build" / "bench-deployed.json"


def main() -> int:
    console, found = Console(), list[Row]()
    with tempfile.TemporaryDirectory() as folder, deployed(Path(folder)) as bundle:
        for suite in (built, through):
            found += suite.rows(bundle)
            console.print(table(found))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps([row.as_dict() for row in found], indent=2) + "\n")
    return 1 if any(row.holds is False for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
