"""The one training loop; nothing in this file has anything to do with VAEs.

A cohort of seeds is trained in one process, one after the other or as one vectorised program. Each
seed's weights, data order and noise come from generators of its own, drawn in blocks of steps, so
that a step is a pure function of (parameters, batch, noise).
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from vmi.data.dataset import Dataset
from vmi.errors import reason
from vmi.nets.batch_statistics import fix_population_statistics
from vmi.progress import Progress
from vmi.random import derive
from vmi.training.engines import Alone, Engine, Stacked, Tensors, choose_engine, not_stackable
from vmi.training.history import History
from vmi.training.keeper import Keeper, States
from vmi.training.memory import keep_freed_memory
from vmi.training.precision import Precision, choose_precision
from vmi.training.state import Training
from vmi.training.stream import BLOCK, Stream

__all__ = ["Run", "train"]


@dataclass
class Run:
    """The outcome of one seed's training.

    Attributes:
        seed: The seed.
        model: The trained model, on the CPU and in evaluation mode.
        history: Rows (step, term, value): the terms of the first phase, averaged since the last.
        steps: How many steps were taken.
        seconds: Wall time; a seed's share of its cohort's in the vectorised engine.
        engine: "loop" or "vmap".
        precision: "float32" or "bfloat16", of the products in the networks.
        error: Why it stopped early, or "".
    """

    seed: int
    model: nn.Module
    history: list[tuple[int, str, float]] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    engine: str = "loop"
    precision: str = "float32"
    error: str = ""


def train(
    make_model: Callable[[], nn.Module],
    dataset: Dataset,
    seeds: Sequence[int],
    *,
    steps: int = 5000,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    engine: Engine = "auto",
    precision: Precision = "float32",
    device: str = "cpu",
    quiet: bool = True,
    states: States | None = None,
) -> Iterator[Run]:
    """Trains a cohort with Adam and yields each seed's run; no seed's depends on the others.

    A seed whose loss is not finite stops there: its run keeps the state from before that block of
    steps and carries an error; the other seeds go on.

    Args:
        make_model: Creates a freshly initialised model; called once a seed.
        dataset: Its train split is trained on.
        seeds: The cohort.
        steps: How often each phase of the model is minimised.
        batch_size: Images a step; what is left over at the end of an epoch is dropped.
        learning_rate: Adam's.
        engine: "loop" is one seed after the other, "vmap" all at once, "auto" what is faster.
        precision: Of the products in the networks: "float32", "bfloat16", or "auto", which is
            bfloat16 in the loop where the processor multiplies it.
        device: Where to train.
        quiet: Show no progress.
        states: Where the whole state is kept, so that a training that is cut off goes on; nowhere,
            if None.

    Raises:
        Stopped: Whoever `states.asked` speaks for asked it to end.
    """
    keep_freed_memory()
    models = [_seeded(make_model, seed) for seed in seeds]
    streams = [Stream(dataset, *pair, batch_size) for pair in zip(seeds, models, strict=True)]
    if engine == "auto":
        engine = choose_engine(models[0], device)
    if engine == "vmap" and (why := _not_vectorisable(models, streams)):
        print(f"training in a loop, as the model does not vectorise: {why}", file=sys.stderr)
        engine = "loop"
    precision = choose_precision(precision, engine, device)
    size, program = (len(seeds), Stacked) if engine == "vmap" else (1, Alone)
    for i in range(0, len(seeds), size):
        cohort = [model.to(device) for model in models[i : i + size]]
        taught = program(cohort, learning_rate, precision)
        yield from _train(taught, streams[i : i + size], steps, quiet, states)


def _train(
    program: Alone, streams: Sequence[Stream], steps: int, quiet: bool, states: States | None
) -> Iterator[Run]:
    """Trains a program's seeds block by block, then yields each one's run."""
    seeds = [stream.seed for stream in streams]
    how = {"engine": program.engine, "precision": program.precision}
    runs = [Run(*pair, **how) for pair in zip(seeds, program.models, strict=True)]
    good, history = program.snapshot(), History(steps)
    training = Training(program, streams, runs, good, history)
    keeper = Keeper(states, training)
    with torch.random.fork_rng():
        torch.manual_seed(derive(seeds[0], "forward"))  # for a model with dropout, say
        keeper.resume(steps)
        progress = Progress(steps, keeper.title, quiet=quiet, done=training.step)
        while not training.over and (start := training.step) < steps:
            finite = _block(program, streams, range(start, min(start + BLOCK, steps)), history)
            for i, state in enumerate(program.snapshot()):
                if not runs[i].error:
                    good[i] = _advance(runs[i], finite[i].tolist(), good[i], state)
            progress.advance(len(finite[0]), loss=history.latest)
            keeper.after_block(steps)
    progress.close()
    seconds = (time.perf_counter() - training.began) / len(runs)
    for i, run in enumerate(runs):
        run.seconds, run.history = seconds, history.rows(i, run.steps)
        _finish(run, good[i], streams[i])
        yield run


def _block(program: Alone, streams: Sequence[Stream], steps: range, history: History) -> Tensor:
    """Takes a block of steps; returns whether each seed's losses were finite, (S, steps)."""
    blocks = [stream.block() for stream in streams]
    images = torch.stack([x for x, _ in blocks]).to(program.device)
    noise = {n: torch.stack([e[n] for _, e in blocks]).to(program.device) for n in blocks[0][1]}
    finite = []
    for i, step in enumerate(steps):
        terms, ok = program.step(images[:, i], {n: e[:, i] for n, e in noise.items()}, step)
        history.add(step, terms)
        finite.append(ok)
    return torch.stack(finite, 1).cpu()


def _advance(run: Run, finite: list[bool], before: Tensors, after: Tensors) -> Tensors:
    """Moves a run over a block; returns its last good state."""
    good = finite.index(False) if False in finite else len(finite)
    run.steps += good
    if good == len(finite) and all(t.isfinite().all() for t in after.values()):
        return after
    run.error = f"diverged: the loss was not finite at step {run.steps}"
    return before


def _finish(run: Run, state: Tensors, stream: Stream) -> None:
    """Loads the last good state into the model, and fixes batch norm's statistics."""
    run.model.load_state_dict(state, strict=False)  # a tied weight stands under one of its names
    run.model.to("cpu").requires_grad_(False)
    phase = next(iter(run.model.phases))
    passes = (partial(run.model, phase, x, noise, run.steps) for x, noise in stream.epoch())
    fix_population_statistics(run.model, passes)


def _seeded(make_model: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Creates a model whose initial weights depend on the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "weights"))
        return make_model()


def _not_vectorisable(models: Sequence[nn.Module], streams: Sequence[Stream]) -> str:
    """Why `vmap` refuses a model's objectives, or "" if it takes them."""
    if why := not_stackable(models[0]):
        return why
    x = torch.stack([stream.example() for stream in streams])
    noise = {
        name: torch.stack([m.draw_noise(name, x.shape[1:2], torch.Generator()) for m in models])
        for name in models[0].noises
    }
    try:
        program = Stacked(models, 0.0)
        for phase in program.phases:
            program.terms(phase, x, noise, 0)
    except RuntimeError as error:
        return reason(error)
    return ""
