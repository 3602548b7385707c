"""How long Snakemake takes to say what it would do of a suite of 10,000 cells.

python benchmarks/speed/dry_run.py [--output dry_run.csv]
"""

from scale import KINDS, dry_run
from turns import main, row

CELLS = 10_000


def rows() -> list[dict]:
    """Asks once of each kind of suite."""
    return [_row(kind) for kind in KINDS]


def _row(kind: str) -> dict:
    wall, seconds, peak = dry_run(kind, CELLS)
    work = f"a dry run of {CELLS:,} cells, a suite of {kind}"
    return row(work, "", (None, seconds, None), "30 s", note=f"wall {wall:.0f} s, {peak:.0f} MB")


if __name__ == "__main__":
    main(rows, __doc__)
