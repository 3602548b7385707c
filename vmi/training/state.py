"""The whole state of a training in a file, from which it goes on bit for bit as if never stopped.

It is a file of tensors with a note in JSON, where nothing could run, and it is written whole or not
at all: beside its place, flushed to the disk, and renamed, which POSIX says is one act
(https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html). It holds what a step
changes (parameters, buffers, Adam's moments), where each generator and each epoch stands, the
history, and the last good state of a seed that diverged.

Nothing in it depends on how many steps the training was to take, so that a longer training goes on
from a shorter one.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from vmi.training.engines import Alone, Tensors
from vmi.training.history import History
from vmi.training.stream import Stream

if TYPE_CHECKING:
    from vmi.training.loop import Run

__all__ = ["Training", "read_state", "write_state"]


@dataclass
class Training:
    """A training of a program's seeds, where it stands.

    Attributes:
        program: The models and their optimisers.
        streams: Each seed's batches and noise.
        runs: What becomes of each seed.
        good: Each seed's last good state.
        history: The terms so far.
        began: When it began by `time.perf_counter`, had it never been stopped.
    """

    program: Alone
    streams: Sequence[Stream]
    runs: Sequence["Run"]
    good: list[Tensors]
    history: History
    began: float = field(default_factory=time.perf_counter)

    @property
    def step(self) -> int:
        """The step that comes next."""
        return max(run.steps for run in self.runs)

    @property
    def over(self) -> bool:
        """Whether all seeds have diverged."""
        return all(run.error for run in self.runs)

    def tensors(self) -> Tensors:
        """Returns copies of all tensors of the state, on the CPU."""
        return {name: t.detach().cpu().contiguous().clone() for name, t in self._tensors().items()}

    def note(self) -> dict[str, Any]:
        """Returns what else there is of the state."""
        return {
            "runs": [(run.steps, run.error) for run in self.runs],
            "seconds": time.perf_counter() - self.began,
            "history": self.history.blocks,
        }

    def fits(self, tensors: Tensors) -> bool:
        """Whether a state holds the tensors that this training has."""
        mine, theirs = (
            {n: (t.shape, t.dtype) for n, t in s.items()} for s in (self._own(), tensors)
        )
        return mine.items() <= theirs.items()

    @torch.no_grad()
    def place(self, tensors: Tensors, note: Mapping[str, Any]) -> None:
        """Goes to where a state stood."""
        for name, t in self.program.state().items():
            t.copy_(tensors[f"program/{name}"])
        for i, stream in enumerate(self.streams):
            stream.place(_under(f"stream/{i}/", tensors))
        torch.set_rng_state(tensors["random/cpu"])
        if self._cuda is not None:
            torch.cuda.set_rng_state(tensors["random/cuda"], self._cuda)
        self.good[:] = self.program.snapshot()
        for i, (run, (steps, error)) in enumerate(zip(self.runs, note["runs"], strict=True)):
            run.steps, run.error = steps, error
            if error:
                kept = _under(f"good/{i}/", tensors)  # may lie in the file yet: copied
                self.good[i] = {n: kept[n].to(t.device, copy=True) for n, t in self.good[i].items()}
        self.history.blocks = [(step, means) for step, means in note["history"]]
        self.began = time.perf_counter() - note["seconds"]

    def _tensors(self) -> Tensors:
        good = [(i, self.good[i]) for i, run in enumerate(self.runs) if run.error]
        return self._own() | {f"good/{i}/{n}": t for i, state in good for n, t in state.items()}

    def _own(self) -> Tensors:
        """What every state of this training has."""
        found = {f"program/{name}": t for name, t in self.program.state().items()}
        for i, stream in enumerate(self.streams):
            found |= {f"stream/{i}/{name}": t for name, t in stream.state().items()}
        found["random/cpu"] = torch.get_rng_state()  # for a model with dropout, say
        if self._cuda is not None:
            found["random/cuda"] = torch.cuda.get_rng_state(self._cuda)
        return found

    @property
    def _cuda(self) -> torch.device | None:
        device = self.program.device
        return device if device.type == "cuda" else None


def write_state(path: Path, tensors: Tensors, note: dict[str, Any], made: dict[str, Any]) -> None:
    """Writes a state, whole or not at all.

    Args:
        path: Where.
        tensors: What `Training.tensors` returns.
        note: What `Training.note` returns.
        made: What the training is made from, JSON.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"made": json.dumps(made), "note": json.dumps(note)}
    part = path.with_suffix(".part")
    save_file(tensors, part, about | {"sum": _sum(tensors, about)})
    _flush(part)
    os.replace(part, path)
    _flush(path.parent)


def read_state(path: Path) -> tuple[Tensors, dict[str, Any], dict[str, Any]]:
    """Returns the tensors of a state, its note, and what it was made from.

    Raises:
        ValueError: It is not as it was written.
    """
    with safe_open(path, "pt") as file:
        about = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    known = about.pop("sum", "")
    if known != _sum(tensors, about):
        raise ValueError("it is not as it was written")
    return tensors, json.loads(about["note"]), json.loads(about["made"])


def _sum(tensors: Tensors, about: Mapping[str, str]) -> str:
    """The SHA-256 of all that a state holds."""
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(tensors):
        t = tensors[name]
        digest.update(f"{name} {t.dtype} {tuple(t.shape)}".encode())
        digest.update(t.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _flush(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _under(prefix: str, tensors: Tensors) -> Tensors:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
