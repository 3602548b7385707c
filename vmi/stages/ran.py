"""What each stage of a cohort took, and on what machine by which code: kept, and of no say.

What has a say in whether a stage is done again is `vmi.stages.provenance`'s. Jobs of one suite may
run on many machines. Nothing here imports torch.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vmi.machine import commit, machine, peak_mb, versions
from vmi.stages import notes

__all__ = ["note", "used"]


def note(path: Path, stage: str, seconds: float, device: str) -> None:
    """Adds a stage to the file of a cohort, in place of an earlier one of its name.

    Args:
        path: The file, which is made if it is not there.
        stage: Its name.
        seconds: Of wall time that it took.
        device: Where it trained.
    """
    took = {
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "peak_mb": peak_mb(),  # of the process so far, the stages before it included
        "device": device,
        "git": commit(),
        "versions": versions(),
        "machine": machine(),
    }
    notes.write(path, notes.read(path) | {stage: took})


def used(paths: Iterable[Path]) -> dict[str, Any]:
    """Returns what cohorts took together.

    Args:
        paths: Of the file of each; one that is not there counts nothing.

    Returns:
        seconds: Of wall time, of all stages.
        peak_mb: The most that one process held; 0 of none.
        commits, processors: All that had a part in it; of a checkout with changes, with a +.
    """
    stages = [stage for path in paths for stage in notes.read(path).values()]
    gits = {f"{s['git']['commit']}{'+' * bool(s['git']['dirty'])}" for s in stages}
    return {
        "seconds": round(sum(stage["seconds"] for stage in stages), 1),
        "peak_mb": max((stage["peak_mb"] for stage in stages), default=0),
        "commits": sorted(gits),
        "processors": sorted({stage["machine"]["cpu"] for stage in stages}),
    }
