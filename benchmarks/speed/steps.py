"""How fast a training step is, beside the loops of peers.

    python benchmarks/speed/steps.py [--output steps.csv]

Peer and ours take their steps in turns, on one thread and by process time. Ours is the step of
`vmi.training` as it is by default, in float32; where the processor multiplies bfloat16, a second
row has it with `precision: auto`, which is not the default.

- "plain loop": the networks and the two Adam steps a batch of Serdega & Kim (2020) in plain
  PyTorch, as facts about their code say it (networks, losses, when each network moves, what is
  logged), with `torch.optim.Adam` as it is by default. It stands for the authors' own loop.
- pythae 0.1.2 (https://github.com/clementchadebec/benchmark_VAE): its VAE with dense networks and
  its Adam, in an environment of its own beside the packages of this one.
- ten seeds as one cohort, beside ten processes of one seed each, one after another.

A step counts 2 floating-point operations for each multiplication of a convolution or a dense layer;
the limit is their time at the rate of a large matrix product in the same precision.
"""

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from machine import matrix_rate
from plain_loop import PlainLoop
from torch.utils.flop_counter import FlopCounterMode
from turns import from_peer, in_turns, main, refused, row, seconds

from vmi.models import make
from vmi.training.engines import Alone
from vmi.training.memory import keep_freed_memory
from vmi.training.precision import choose_precision

JOINT = {"gaussian": 16, "categorical": [10], "informed": 2}
ROWS = (
    (64, "vmi-vae", "x2.5"),
    (64, "vae", "x2"),
    (16, "vmi-vae", "x3"),
    (16, "vae", "x2.5"),
)
PRECISIONS = tuple(dict.fromkeys(("float32", choose_precision("auto", "loop", "cpu"))))
TURNS, STEPS = 7, 5  # steps of a turn
COHORT = """
import sys, torch
from vmi.data.digits import digits
from vmi.models import make
from vmi.training.loop import train
torch.set_num_threads(1)
data, steps, *seeds = digits(), *map(int, sys.argv[1:])
latents = {"gaussian": 8, "categorical": [10], "informed": 2}
new = lambda: make(data.shape, {"model": "vae"}, latents, "dense-128", "bernoulli")
list(train(new, data, seeds, steps=steps, batch_size=64))
"""
PEER = Path(__file__).with_name("pythae_step.py")


def ours(network, model, latents, likelihood, images, precision):
    """Returns a step of ours, its program, and the floating-point operations in it."""
    made = make(images.shape[1:], {"model": model}, latents, network, likelihood)
    program, x = Alone([made], 1e-4, precision), images[None]
    draw = torch.Generator().manual_seed(0)
    noise = {n: made.draw_noise(n, (1, len(images)), draw) for n in made.noises}
    with FlopCounterMode(display=False, custom_mapping=COUNTED) as counter:
        program.step(x, noise, 0)
    return lambda: program.step(x, noise, 0), program, counter.get_total_flops()


def _of_product(x, w, *_, **__):
    """The operations of oneDNN's product of x (B, K) and w (N, K), which torch does not count."""
    return 2 * x[0] * x[1] * w[0]


COUNTED = {torch.ops.mkldnn._linear_pointwise: _of_product}


def many(step: Callable[[], object], steps: int = STEPS) -> Callable[[], None]:
    """Returns so many steps as one piece of work."""

    def work() -> None:
        for _ in range(steps):
            step()

    return work


def of_plain_loop(width, model, asked, precision):
    """Returns the row of the authors' networks at a width."""
    images = torch.rand(124, 1, 28, 28)
    peer, grey = PlainLoop(width, informs=model == "vmi-vae"), 2 * images - 1
    step, _, flops = ours(f"serdega-{width}", model, JOINT, "squashed-gaussian", images, precision)
    measured = in_turns(many(lambda: peer.step(grey)), many(step), TURNS)
    work = f"step, joint {model.upper()}, width {width}, batch 124"
    return _row(work, "plain loop", measured, STEPS, asked, precision, flops)


def of_pythae(precision):
    """Returns the row of a dense VAE, 784-200-200-40; the peer takes its turns in a process."""
    work, peer, asked, steps = "step, dense 784-200-200-40, batch 128", "pythae 0.1.2", "x3", 40
    images = torch.rand(128, 1, 28, 28).round()
    step, _, flops = ours("dense-200", "vae", {"gaussian": 20}, "bernoulli", images, precision)
    mine = many(step, steps)
    try:
        with from_peer("pythae", ["pythae==0.1.2"], "pythae", PEER, str(steps)) as turn:
            pairs = [(turn(), seconds(mine)) for _ in range(TURNS + 1)][1:]
    except RuntimeError as error:
        return refused(work, peer, asked, str(error))[0]
    medians = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    measured = *medians, statistics.median(theirs / own for theirs, own in pairs)
    return _row(work, peer, measured, steps, asked, precision, flops)


def _row(work, peer, measured, steps, asked, precision, flops):
    theirs, own, ratio = measured
    limit = flops / matrix_rate(getattr(torch, precision))
    note = f"{precision}; {flops * steps / own / 1e9:.0f} GFLOP/s"
    name = work if precision == "float32" else f"{work}, {precision}"
    return row(name, peer, (theirs / steps, own / steps, ratio), asked, limit, note)


def of_cohort(seeds=10):
    """Returns the row of ten seeds of a digits-sized dense model, processes and all."""
    alone = sum(_process(COHORT, "1200", str(seed)) for seed in range(seeds))
    together = _process(COHORT, "1200", *map(str, range(seeds)))
    start = _process(COHORT, "1", "0")
    work = f"{seeds} seeds of a dense model on digits, 1,200 steps of 64"
    measured = alone, together, alone / together
    return row(
        work,
        f"{seeds} processes",
        measured,
        "x5",
        note=f"start-up included, {start:.1f} s a process",
    )


def _process(code, *arguments):
    """Returns the process seconds of a Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows() -> list[dict]:
    """Measures every row."""
    torch.set_num_threads(1)
    keep_freed_memory()  # of both sides, as they share a process
    networks = [of_plain_loop(*case, precision) for case in ROWS for precision in PRECISIONS]
    return [*networks, *map(of_pythae, PRECISIONS), of_cohort()]


if __name__ == "__main__":
    main(rows, __doc__)
