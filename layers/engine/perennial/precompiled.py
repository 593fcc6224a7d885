"""What `dataclass` writes, compiled by the build.

A dataclass writes the text of its methods and has Python compile it whenever a process starts: half a millisecond for
each of some 180, a sixth of a cold start. The text depends on the class alone, so `layers/engine/precompile.py`
compiles it once, as `.pyc` files are; it is looked up by its digest here. A text that is not found is compiled as ever,
and code of another Python is not used. Without the build's file nothing is changed.
"""

import builtins
import dataclasses
import marshal
from collections.abc import Mapping
from functools import partial
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("precompiled.bin")


def use() -> None:
    """From now on, for every dataclass."""
    codes = read(FILE)
    if codes:
        vars(dataclasses)["exec"] = partial(_run, codes)


def write(file: Path, texts: Mapping[str, Any]) -> None:
    """`texts` with their code, for the Python that runs this."""
    file.write_bytes(marshal.dumps((MAGIC_NUMBER, {key(text): marshal.dumps(code) for text, code in texts.items()})))


def read(file: Path) -> Mapping[bytes, bytes]:
    """Code by the digest of its text; nothing if there is none for this Python."""
    if not file.exists():
        return {}
    magic, codes = marshal.loads(file.read_bytes())  # noqa: S302  written by our own build, into our own layer
    return codes if magic == MAGIC_NUMBER else {}


def key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _run(codes: Mapping[bytes, bytes], text: str, *names: Any) -> None:
    code = codes.get(key(text))
    builtins.exec(text if code is None else marshal.loads(code), *names)  # noqa: S102, S302  as dataclasses does itself
