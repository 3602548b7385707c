"""How fast a training step is, beside the loops of peers.

    python benchmarks/speed/steps.py [--turns 7] [--output steps.csv]

Peer and ours take their steps in turns in one process, on one thread and by process time, and the
ratio is the median over the turns. Ours is the step of `vmi.training` with `precision: auto`, which
is not the default; the note says which it was.

- "plain loop": the networks and the two Adam steps a batch of Serdega & Kim (2020) in plain
  PyTorch, as facts about their code say it (networks, losses, when each network moves, what is
  logged), with `torch.optim.Adam` as it is by default. It stands for the authors' own loop.
- pythae 0.1.2 (https://github.com/clementchadebec/benchmark_VAE): its VAE with dense networks and
  its Adam, in an environment of its own beside the packages of this one.
- ten seeds as one cohort, beside ten processes of one seed each, one after another.

A step counts 2 floating-point operations for each multiplication of a convolution or a dense layer;
their rate is given beside that of a matrix product of side 1,024 in the same precision.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from vmi.models import make
from vmi.records import write_csv
from vmi.training.engines import Alone
from vmi.training.memory import keep_freed_memory
from vmi.training.precision import choose_precision, products

sys.path.insert(0, str(Path(__file__).parent))
from plain_loop import PlainLoop

HEADER = ("work", "peer", "peer_seconds", "our_seconds", "ratio", "asked", "limit", "note")
JOINT = {"gaussian": 16, "categorical": [10], "informed": 2}
ROWS = [(64, "vmi-vae", 2.5), (64, "vae", 2.0), (16, "vmi-vae", 3.0), (16, "vae", 2.5)]
PRECISION = choose_precision("auto", "loop", "cpu")
COHORT = """
import sys, torch
from vmi.data.digits import digits
from vmi.models import make
from vmi.training.loop import train
torch.set_num_threads(1)
data, seeds = digits(), [int(s) for s in sys.argv[1:]]
latents = {"gaussian": 8, "categorical": [10], "informed": 2}
new = lambda: make(data.shape, {"model": "vae"}, latents, "dense-128", "bernoulli")
list(train(new, data, seeds, steps=1200, batch_size=64))
"""
PYTHAE = ("pythae==0.1.2", "pydantic<2", "cloudpickle", "imageio", "tqdm")
PEER = Path(__file__).with_name("pythae_step.py")


def ours(network, model, latents, likelihood, images):
    """Returns a step of ours, and the floating-point operations in it."""
    made = make(images.shape[1:], {"model": model}, latents, network, likelihood)
    program, x = Alone([made], 1e-4, PRECISION), images[None]
    draw = torch.Generator().manual_seed(0)
    noise = {n: made.draw_noise(n, (1, len(images)), draw) for n in made.noises}
    with FlopCounterMode(display=False) as counter:
        program.step(x, noise, 0)
    return lambda: program.step(x, noise, 0), counter.get_total_flops()


def seconds(step, steps):
    """Returns the process seconds of a step."""
    began = time.process_time()
    for _ in range(steps):
        step()
    return (time.process_time() - began) / steps


def product_rate():
    """Returns the floating-point operations a second of a large product, as a step takes it."""
    a, best = torch.rand(1024, 1024), 0.0
    with products(PRECISION), torch.no_grad():
        for _ in range(5):
            best = max(best, 2 * 1024**3 / seconds(lambda: a @ a, 3))
    return best


def row(work, peer, turns, asked, flops=0.0, note=""):
    """Makes a row from pairs of seconds, the peer's and ours."""
    theirs, mine = (statistics.median(turn[i] for turn in turns) for i in (0, 1))
    ratio = statistics.median(turn[0] / turn[1] for turn in turns)
    limit = (
        f"{flops / mine / 1e9:.0f} GFLOP/s, {flops / mine / product_rate():.0%}" if flops else ""
    )
    return dict(zip(HEADER, (work, peer, theirs, mine, ratio, asked, limit, note), strict=True))


def of_plain_loop(width, model, asked, turns, steps):
    """Returns the row of the authors' networks at a width."""
    images = torch.rand(124, 1, 28, 28)
    peer, grey = PlainLoop(width, informs=model == "vmi-vae"), 2 * images - 1
    step, flops = ours(f"serdega-{width}", model, JOINT, "squashed-gaussian", images)
    pairs = [
        (seconds(lambda: peer.step(grey), steps), seconds(step, steps)) for _ in range(turns + 1)
    ]
    work = f"step, joint {model.upper()}, width {width}, batch 124"
    return row(work, "plain loop", pairs[1:], asked, flops, PRECISION)


def of_pythae(turns, steps):
    """Returns the row of a dense VAE, 784-200-200-40."""
    images = torch.rand(128, 1, 28, 28).round()
    step, flops = ours("dense-200", "vae", {"gaussian": 20}, "bernoulli", images)
    work, peer = "step, dense 784-200-200-40, batch 128", "pythae 0.1.2"
    try:
        theirs = json.loads(_in_environment(PEER, PYTHAE, str(turns + 1), str(steps)))
    except subprocess.CalledProcessError as error:
        why = (error.stderr or "").strip().splitlines()[-1:] or ["no reason given"]
        empty = (work, peer, "", seconds(step, steps), "", 3.0, "", f"not installed: {why[0]}")
        return dict(zip(HEADER, empty, strict=True))
    pairs = [(there, seconds(step, steps)) for there in theirs]
    return row(work, peer, pairs[1:], 3.0, flops, f"{PRECISION}; peer in a process of its own")


def _in_environment(script, packages, *arguments):
    """Runs a script where some packages stand beside those of this environment; its output."""
    own = next(path for path in sys.path if path.endswith("site-packages"))
    with tempfile.TemporaryDirectory() as folder:
        target, quiet = (
            Path(folder, "packages"),
            {"check": True, "capture_output": True, "text": True},
        )
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target]
        subprocess.run([*pip, *packages], **quiet)
        paths = f"import sys; sys.path[:0] = [{str(target)!r}, {own!r}]; "
        run = f"sys.argv[1:] = {list(arguments)!r}; exec(open({str(script)!r}).read())"
        return subprocess.run([sys.executable, "-c", paths + run], **quiet).stdout.splitlines()[-1]


def of_cohort(seeds=10):
    """Returns the row of ten seeds of a digits-sized dense model, processes and all."""
    alone = sum(_process(COHORT, str(seed)) for seed in range(seeds))
    together = _process(COHORT, *map(str, range(seeds)))
    work = f"{seeds} seeds of a dense model on digits, 1,200 steps of 64"
    return row(work, f"{seeds} processes", [(alone, together)], 5.0, note="start-up included")


def _process(code, *arguments):
    """Returns the process seconds of a Python process."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(turns=7, steps=5):
    """Measures every row."""
    torch.set_num_threads(1)
    keep_freed_memory()  # of both sides, as they share a process
    networks = [of_plain_loop(*case, turns, steps) for case in ROWS]
    return [*networks, of_pythae(turns, 4 * steps), of_cohort()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    found = rows(given.turns, given.steps)
    for each in found:
        print("  ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in each.values()))
    if given.output:
        write_csv(given.output, HEADER, [tuple(each.values()) for each in found])


if __name__ == "__main__":
    main()
