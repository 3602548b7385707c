"""Plays every fault and publishes what became of it: `make faults`.

    python benchmarks/faults/publish.py [--folder FOLDER] [--tries 20] [--only NAME]

Writes table.csv and table.md: the fault, how often it was tried, how often something was lost, and
what was said. Ends with 1 if anything was lost.
"""

import argparse
import csv
import importlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

from fault import FAULTS, TRIES, Fault, Unavailable

from vmi.errors import reason
from vmi.records import write_csv

__all__ = ["HEADER", "load", "played", "table"]

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("dying", "disk", "damage", "foreign", "working")
HEADER = ("fault", "tries", "lost", "said")


def load() -> dict[str, Fault]:
    """Returns all faults by their names."""
    for name in MODULES:
        importlib.import_module(name)
    return FAULTS


def played(fault: Fault, tries: int = TRIES) -> tuple[str, int, int | str, str]:
    """Plays a fault, each time with a seed of its own, and returns its row.

    What is said most often stands for all. A fault that cannot be made here has no losses.
    """
    said: Counter[str] = Counter()
    lost, tries = 0, tries if fault.chance else 1
    for seed in range(tries):
        place = Path(tempfile.mkdtemp(prefix="fault-"))
        try:
            said[plain(fault.play(place, Random(seed)), place)] += 1
        except Unavailable as error:
            return fault.name, 0, "", str(error)
        except Exception as error:  # whatever it is, it was not said in one clear line
            lost += 1
            print(f"{fault.name}, seed {seed}: {reason(error)}", file=sys.stderr, flush=True)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    words = [text for text, _ in said.most_common() if text]
    return fault.name, tries, lost, next(iter(words), "")


def plain(said: str, place: Path) -> str:
    """Returns what was said without where it was said: paths, sums and ports of this machine.

    Example:
        >>> plain("/tmp/a.gz is cut: its md5 is 0123456789abcdef", Path("/tmp"))
        'a.gz is cut: its md5 is ...'
    """
    text = said.replace(f"{place}/", "").replace(f"{place.resolve()}/", "")
    return re.sub(r":\d{4,5}/", "/", re.sub(r"\b[0-9a-f]{16,}\b", "...", text))


def table(rows: Iterable[tuple]) -> str:
    """Returns the rows as a table in Markdown."""
    lines = [HEADER, (":--", "--:", "--:", ":--")]
    lines += [(name, tries, lost, f"`{said}`" if said else "–") for name, tries, lost, said in rows]
    cells = ([str(cell).replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "results/published/faults")
    parser.add_argument("--tries", type=int, default=TRIES)
    parser.add_argument(
        "--only", default="", help="faults whose names hold this; the other rows stay"
    )
    return parser.parse_args()


def main() -> int:
    """Plays the faults one after the other; returns 1 if anything was lost."""
    given, faults = _given(), load()
    # The jobs are of this clone, whatever else is installed.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    path = given.folder / "table.csv"
    rows = {row[0]: row for row in _read(path) if row[0] in faults} if given.only else {}
    for fault in (fault for name, fault in faults.items() if given.only in name):
        began = time.perf_counter()
        rows[fault.name] = row = played(fault, given.tries)
        print(*row[:3], f"{time.perf_counter() - began:.0f} s", sep=", ", flush=True)
        known = [rows[name] for name in faults if name in rows]
        write_csv(path, HEADER, known)
        path.with_suffix(".md").write_text(table(known), encoding="utf-8")
    return int(any(int(row[2] or 0) for row in rows.values()))


def _read(path: Path) -> list[tuple]:
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


if __name__ == "__main__":
    sys.exit(main())
