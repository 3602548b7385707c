"""What each stage of a cohort took, and on what machine by which code: kept, and of no say.

What has a say in whether a stage is done again is `vmi.stages.provenance`'s. Jobs of one suite may
run on many machines. Nothing here imports torch.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vmi.errors import reading
from vmi.machine import commit, machine, peak_mb, versions

__all__ = ["note", "ran", "used"]


def note(path: Path, stage: str, seconds: float, device: str) -> None:
    """Adds a stage to the file of a cohort, in place of an earlier one of its name.

    Args:
        path: The file.
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
    part = path.with_suffix(".part")
    part.write_text(json.dumps(ran(path) | {stage: took}, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def ran(path: Path) -> dict[str, Any]:
    """Returns by stage what the file of a cohort says; nothing where there is none."""
    with reading(path, path.parent):
        return {**json.loads(path.read_text(encoding="utf-8"))} if path.is_file() else {}


def used(paths: Iterable[Path]) -> dict[str, Any]:
    """Returns what cohorts took together.

    Returns:
        seconds: Of wall time, of all stages.
        peak_mb: The most that one process held; 0 of none.
        commits, processors: All that had a part in it; of a checkout with changes, with a +.
    """
    stages = [stage for path in paths for stage in ran(path).values()]
    gits = {f"{s['git']['commit']}{'+' * bool(s['git']['dirty'])}" for s in stages}
    return {
        "seconds": round(sum(stage["seconds"] for stage in stages), 1),
        "peak_mb": max((stage["peak_mb"] for stage in stages), default=0),
        "commits": sorted(gits),
        "processors": sorted({stage["machine"]["cpu"] for stage in stages}),
    }
