"""What `sam build` makes, made of this environment's packages: so that cold starts are those of what is shipped.

The same packages, slimmed by the same script, with the same unchecked `.pyc`; only the interpreter is this one.
"""

import compileall
import py_compile
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from benchmarks.worlds import BUILD, ROOT

ENGINE = ROOT / "layers" / "engine"
SITE = BUILD / "site"


def build() -> Path:
    """A folder with the engine, what it needs, and the functions below `functions/`."""
    shutil.rmtree(SITE, ignore_errors=True)
    for name in re.findall(r"^([a-z0-9][a-z0-9_.-]*)==", (ENGINE / "requirements.txt").read_text(), re.MULTILINE):
        _copy(name)
    subprocess.run([sys.executable, str(ENGINE / "slim.py"), str(SITE)], check=True)
    for source, target in ((ENGINE / "perennial", "perennial"), (ROOT / "functions", "functions")):
        shutil.copytree(source, SITE / target, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, str(ENGINE / "precompile.py"), str(SITE)], check=True)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(SITE, quiet=2, invalidation_mode=mode)
    return SITE


def _copy(name: str) -> None:
    found = distribution(name)
    for file in found.files or ():
        source = Path(str(file.locate()))
        if ".." not in file.parts and source.is_file() and "__pycache__" not in file.parts:
            target = SITE / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
