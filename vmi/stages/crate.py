"""A published suite as an RO-Crate 1.1, which archives and registries of research objects read.

It is a file `ro-crate-metadata.json` beside the data, in JSON-LD, that describes the folder, each
file, and the action that made them: https://www.researchobject.org/ro-crate/specification/1.1/
"""

import json
import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmi.stages.ledger import checksum
from vmi.version import __version__

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["METADATA", "crate", "write_crate"]

METADATA = "ro-crate-metadata.json"
LICENSE = "https://spdx.org/licenses/MIT"
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
]
TYPES = {".csv": "text/csv", ".md": "text/markdown", ".tex": "application/x-tex"}

Entity = dict[str, Any]


def write_crate(suite: "Suite", folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes the description of a published suite beside it.

    Args:
        suite: The suite.
        folder: Where it is published.
        facts: Its manifest.
    """
    text = json.dumps(crate(suite, folder, facts), indent=1, ensure_ascii=False)
    (folder / METADATA).write_text(text + "\n", encoding="utf-8")


def crate(suite: "Suite", folder: Path, facts: Mapping[str, Any]) -> Entity:
    """Returns the description of a published suite, as JSON-LD.

    Args:
        suite: The suite.
        folder: Where it is published.
        facts: Its manifest.
    """
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != METADATA)
    files = [_file(path, folder) for path in paths]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": suite.title,
        "description": suite.settings.get("description") or suite.title,
        "datePublished": facts["written"],
        "license": {"@id": LICENSE},
        "hasPart": _ids(files),
        "mentions": {"@id": "#run"},
    }
    return {"@context": CONTEXT, "@graph": [_descriptor(), root, *_made(facts, files), *files]}


def _descriptor() -> Entity:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }


def _made(facts: Mapping[str, Any], files: Iterable[Entity]) -> list[Entity]:
    """The run that made the files, by which version of this package, under which licence."""
    git, machine = facts["git"], facts["machine"]
    version = f"{__version__}, commit {git['commit']}{' and changes' * bool(git['dirty'])}"
    return [
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": facts["again"],
            "description": f"on {machine['cpu']}, {machine['os']}, GPU: {machine['gpu']}",
            "endTime": facts["written"],
            "instrument": {"@id": "#vmi"},
            "result": _ids(files),
        },
        {
            "@id": "#vmi",
            "@type": "SoftwareApplication",
            "name": "vmi",
            "version": version,
            "softwareRequirements": [f"{name} {each}" for name, each in facts["versions"].items()],
        },
        {"@id": LICENSE, "@type": "CreativeWork", "name": "MIT License"},
    ]


def _file(path: Path, folder: Path) -> Entity:
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return {
        "@id": path.relative_to(folder).as_posix(),
        "@type": "File",
        "name": path.name,
        "contentSize": str(path.stat().st_size),
        "sha256": checksum(path),
        **({"encodingFormat": kind} if kind else {}),
    }


def _ids(entities: Iterable[Entity]) -> list[Entity]:
    return [{"@id": entity["@id"]} for entity in entities]
