"""When the state of a training is written, and whether a training goes on from one."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from vmi.errors import Stopped, reason
from vmi.training.state import Training, read_state, write_state
from vmi.training.stream import BLOCK

__all__ = ["Keeper", "States"]

SHARE = 0.01  # of a training's time that may go into writing its state


@dataclass(frozen=True)
class States:
    """Where the states of a cohort are kept, and when they are written.

    Attributes:
        folder: Has a file a program: one of each seed in the loop, one of all with `vmap`.
        made: Returns what the training is made from besides its number of steps, JSON by name
            ("settings", "code"). It goes on from a state that was made from the same alone. Called
            once, when the models and the data are there.
        every: Seconds between two writes, or a hundred times what the last one took, if that is
            more: under 1% of the time is spent so.
        asked: Whether somebody asks the training to end.
    """

    folder: Path
    made: Callable[[], dict[str, Any]] = dict
    every: float = 60.0
    asked: Callable[[], bool] = lambda: False

    @cached_property
    def origin(self) -> dict[str, Any]:
        """What the training is made from."""
        return self.made()


class Keeper:
    """Finds the state of a training, and keeps it up to date; does nothing where none is wanted.

    Args:
        states: Where and when; nowhere, if None.
        training: The training, before its first step.
    """

    def __init__(self, states: States | None, training: Training) -> None:
        self.states, self.training = states, training
        self.written, self.cost = time.monotonic(), 0.0
        self.aside = _aside(training.program.models[0])
        seeds = [stream.seed for stream in training.streams]
        self.title = f"seed {', '.join(map(str, seeds))}"
        if states is not None:
            self.path = states.folder / f"seed-{seeds[0]}.safetensors"
            self.made = states.origin | {
                "seeds": seeds,
                "engine": training.program.engine,
                "device": training.program.device.type,
                "torch": torch.__version__,
            }

    def resume(self, steps: int) -> None:
        """Goes on from the state that there is, if it is of the same training; says so in a line.

        Args:
            steps: How many the training takes.
        """
        if self.states is None or not self.path.exists():
            return
        try:
            tensors, note, made = read_state(self.path)
            why = self._unlike(made) or self._beyond(note, steps)
            why = why or ("" if self.training.fits(tensors) else "is of another model")
        except Exception as error:  # a damaged file can fail its reader in any way
            why = f"cannot be read ({reason(error)})"
        if why:
            self._say(f"begins anew: {self.path} {why}")
        else:
            self.training.place(tensors, note)
            self._say(f"goes on from step {self.training.step:,}")

    def after_block(self, steps: int) -> None:
        """Writes the state where it is time, where the training ends, and where one asks it to end.

        A state is of whole blocks, which a longer training has too; what a last block that is cut
        short adds is done again in no time.

        Raises:
            Stopped: One asked the training to end.
        """
        if self.states is None:
            return
        at, over, asked = self.training.step, self.training.over, self.states.asked()
        last = over or at + BLOCK > steps
        if (over or at % BLOCK == 0) and (asked or last or self._due()):
            self._write()
        if asked and not (over or at == steps):
            kept = f"its state is in {self.path}" if self.path.exists() else "no state was kept"
            raise Stopped(f"{self.title} at step {at:,}: {kept}")

    def _due(self) -> bool:
        return time.monotonic() - self.written > max(self.states.every, self.cost / SHARE)

    def _write(self) -> None:
        began = time.monotonic()
        if changed := _changed(self.aside, _aside(self.training.program.models[0])):
            self._say(f"keeps no state: a step changes {changed}, no parameter and no buffer")
        else:
            try:
                write_state(self.path, self.training.tensors(), self.training.note(), self.made)
            except (OSError, SafetensorError) as error:  # a full disk is no reason to end
                self._say(f"its state was not written: {reason(error)}")
        self.written = time.monotonic()
        self.cost = self.written - began

    def _unlike(self, made: Mapping[str, Any]) -> str:
        wanted = json.loads(json.dumps(self.made))
        unlike = [
            name + _where(made.get(name), wanted[name])
            for name in wanted
            if made.get(name) != wanted[name]
        ]
        return f"is of other {', '.join(unlike)}" if unlike else ""

    @staticmethod
    def _beyond(note: Mapping[str, Any], steps: int) -> str:
        at = max(run[0] for run in note["runs"])
        return f"is of step {at:,}, beyond the {steps:,} to take" if at > steps else ""

    def _say(self, what: str) -> None:
        print(f"{self.title}: {what}", file=sys.stderr, flush=True)


def _where(one: Any, other: Any) -> str:
    """Under which names two mappings differ."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return ""
    names = [name for name in one | other if one.get(name) != other.get(name)]
    return f" ({', '.join(names)})"


Aside = dict[str, tuple[Any, int]]


def _aside(model: nn.Module) -> Aside:
    """What modules hold besides parameters and buffers, with a number that moves with a change.

    What is deep inside an object is not seen.
    """
    return {
        f"{path}.{name}".lstrip("."): (value, _version(value))
        for path, module in model.named_modules()
        for name, value in vars(module).items()
    }


def _version(value: Any) -> int:
    if isinstance(value, Tensor):
        return 0 if value.is_inference() else value._version
    return len(value) if isinstance(value, list | dict | set) else 0


def _changed(before: Aside, now: Aside) -> str:
    """The names of what is not what it was."""
    nothing = (None, -1)
    return ", ".join(
        name
        for name, (value, version) in now.items()
        if before.get(name, nothing)[0] is not value or before[name][1] != version
    )
