"""Checksums of what stages made, and of what they made it from: nothing damaged is gone by.

A ledger is a JSON file beside what one job makes, {stage: {"made": sums, "from": sums, ...}}, where
sums are SHA-256 (FIPS 180-4, https://doi.org/10.6028/NIST.FIPS.180-4) by path and one of all.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmi.errors import Damaged, reading
from vmi.stages import notes

__all__ = ["Ledger", "checksum"]

Entries = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Ledger:
    """What is known of the files that one job made.

    Attributes:
        path: Where it is kept.
        root: The folder that its paths begin at.
        remedy: What to remove so that the job is done again.
    """

    path: Path
    root: Path
    remedy: Path

    def entries(self) -> Entries:
        """Returns what is kept, by stage; nothing where nothing is.

        Raises:
            Damaged: The ledger cannot be read.
        """
        if not self.path.is_file():
            return {}
        with reading(self.path, self.remedy):
            kept = notes.read(self.path, self.remedy)
            if kept["sum"] != _of_text(kept["stages"]):
                raise ValueError("it is not as it was written")
            return kept["stages"]

    def sums(self, stages: Collection[str] | None = None) -> dict[str, str]:
        """Returns the checksums of what some stages made, or of all that was made."""
        kept = self.entries()
        chosen = [entry for stage, entry in kept.items() if stages is None or stage in stages]
        return {path: known for entry in chosen for path, known in entry["made"].items()}

    def seal(self, stage: str, made: Iterable[Path], of: Iterable[Path] = (), **about: Any) -> None:
        """Keeps the checksums of the files that a stage made, and of those that it read.

        Args:
            stage: Its name.
            made: The files that it made; one that is not there is left out.
            of: The files that it made them from; likewise.
            about: What else to keep of them.
        """
        entry = {"made": self._summed(made), "from": self._summed(of), **about}
        self._write(self._others() | {stage: entry})

    def forget(self, *stages: str) -> None:
        """Takes out what is known of some stages, which are done again."""
        kept = self.entries()
        if kept.keys() & set(stages):
            self._write({stage: entry for stage, entry in kept.items() if stage not in stages})

    def keep_what_is_there(self) -> None:
        """Takes out the files that are not there, as in a copy that leaves some out."""
        kept = self.entries()
        for entry in kept.values():
            for side in ("made", "from"):
                entry[side] = {p: s for p, s in entry[side].items() if (self.root / p).is_file()}
        if kept:
            self._write(kept)

    def check(self, *paths: Path, stages: Collection[str] | None = None) -> None:
        """Checks files against their checksums: some, or all that was made, or that stages made.

        One without a checksum, which earlier versions kept none of, passes.

        Raises:
            Damaged: The first that is not as it was made.
        """
        known = self.sums(stages)
        wanted = {self._name(path) for path in paths} & known.keys() if paths else known
        for name in wanted:
            if wrong := self.wrong(name, known[name]):
                raise Damaged(self.root / name, wrong, self.remedy)

    def wrong(self, name: str, known: str) -> str:
        """Returns what is wrong with a file of a known checksum, "" where nothing is."""
        path = self.root / name
        if not path.is_file():
            return "is missing"
        return "" if checksum(path) == known else "is damaged: it is not as it was made"

    def _others(self) -> Entries:
        """What else is kept. What lies outside of the remedy is of one stage, which is just done.

        So a ledger that was damaged is mended where the remedy is followed.
        """
        return self.entries() if self.remedy in self.path.parents else {}

    def _summed(self, paths: Iterable[Path]) -> dict[str, str]:
        return {self._name(path): checksum(path) for path in sorted(paths) if path.is_file()}

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _write(self, entries: Entries) -> None:
        notes.write(self.path, {"sum": _of_text(entries), "stages": entries})


def _of_text(entries: Entries) -> str:
    return hashlib.sha256(json.dumps(entries).encode()).hexdigest()


def checksum(path: Path) -> str:
    """Returns the SHA-256 of a file's contents."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
