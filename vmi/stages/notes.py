"""The notes of a job beside what it makes: small files of JSON, each whole or not there at all."""

import json
from pathlib import Path
from typing import Any

from vmi.errors import reading

__all__ = ["read", "write"]


def read(path: Path, remedy: Path | None = None) -> dict[str, Any]:
    """Returns what a note says; nothing where there is none.

    Args:
        path: The note.
        remedy: What to remove so that it is made again; its folder, if None.

    Raises:
        Damaged: It cannot be read.
    """
    if not path.is_file():
        return {}
    with reading(path, remedy or path.parent):
        return {**json.loads(path.read_text(encoding="utf-8"))}


def write(path: Path, note: dict[str, Any]) -> None:
    """Writes a note, in a folder that need not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
