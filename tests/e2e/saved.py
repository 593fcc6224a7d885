"""The table that a replay left, as a person could read it who got hold of it."""

import base64
import json
from pathlib import Path
from typing import Any

from perennial.packing import unpack


def saved(folder: Path) -> str:
    """Everything in it as text, documents unpacked, in lower case."""
    document = json.loads((folder / "build" / "state.json").read_text())
    texts = [unpack(base64.b64decode(held["B"])) for item in document["items"] for held in _packed(item)]
    return json.dumps([document, texts], ensure_ascii=False).lower()


def _packed(item: dict[str, Any]) -> list[dict[str, str]]:
    return [value for value in item.values() if "B" in value]
