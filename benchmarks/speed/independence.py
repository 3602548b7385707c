"""How fast a test of conditional independence by neighbours is beside tigramite's CMIknn.

    python benchmarks/speed/independence.py [--output independence.csv]

Both test the same samples of 1,000 rows given three columns with the same settings: ranks, k a
share of N, x permuted among five neighbours in z. The peer runs in an environment of its own, which
this makes, and on fewer orders, as each costs the same. Seconds are of the processor, the two in
turns, the median of three. The note holds what both say: the statistic, which is to be equal, and
the mean and the deviation of the null, which are to be equal but for chance.
"""

import argparse
import json
import site
import statistics
import subprocess
import tempfile
import time
import venv
from pathlib import Path

import numpy as np
import torch

from vmi.independence.knn import space
from vmi.independence.permutations import local_orders
from vmi.independence.reordered import informations
from vmi.records import write_csv

COLUMNS = ("work", "peer", "peer_seconds", "our_seconds", "ratio", "asked", "limit", "note")
N, Z, ORDERS, THEIRS, TURNS = 1000, 3, 500, 20, 3
SHARES = (0.2, 0.01)  # of N that are neighbours: the peer's default, and the paper's
ASKED = 20.0

PEER = """
import json, sys, time
import numpy as np
from tigramite.independence_tests.cmiknn import CMIknn
array, share, orders = np.load(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
test = CMIknn(knn=share, transform="ranks", sig_samples=orders, permute="X", workers=1)
xyz = np.array([0, 1] + [2] * (len(array) - 2))
test.get_shuffle_significance(array[:, :60].copy(), xyz, 0.0)  # which compiles
value = test.get_dependence_measure(array.copy(), xyz)
began = time.process_time()
_, null = test.get_shuffle_significance(array.copy(), xyz, value, return_null_dist=True)
print(json.dumps([float(value), null.tolist(), time.process_time() - began]))
"""


def sample(seed=0):
    """Returns x, y and z, one below the other: x and y are independent given z."""
    rng = np.random.default_rng(seed)
    z, noise = rng.normal(size=(N, Z)), rng.normal(size=(2, N))
    return np.vstack([z @ [1, 0.5, 0.2] + noise[0], z @ [0.3, 0.5, 0.9] + noise[1], z.T])


def ours(array, share):
    """Returns the statistic, the null and the process seconds of one order."""
    began = time.process_time()
    x, y, z = (space(rows.T, "ranks") for rows in np.split(array, [1, 2]))
    orders = local_orders(z, ORDERS, torch.Generator().manual_seed(0))
    every = np.vstack([np.arange(N), orders])
    value, *null = informations(x, y, z, int(share * N), every)
    return value, null, (time.process_time() - began) / ORDERS


def theirs(python, path, share):
    """Returns the same of the peer."""
    command = [python, "-c", PEER, path, share, THEIRS]
    done = subprocess.run([*map(str, command)], check=True, capture_output=True, text=True)
    value, null, seconds = json.loads(done.stdout.splitlines()[-1])
    return value, null, seconds / THEIRS


def environment(folder):
    """Makes an environment with the peer beside the packages that are here; returns its python."""
    venv.create(folder, with_pip=True)
    python = Path(folder, "bin/python")
    ask = "import site; print(site.getsitepackages()[0])"
    there = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)
    Path(there.stdout.strip(), "here.pth").write_text("\n".join(site.getsitepackages()))
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
    packages = ["tigramite", "numba", "llvmlite", "six"]
    subprocess.run([*install, *packages], check=True, capture_output=True)
    return python


def rows(python=None):
    """Returns a row a share of neighbours; the peer's is empty where it cannot be installed."""
    with tempfile.TemporaryDirectory() as folder:
        failure = ""
        try:
            python = python or environment(Path(folder, "peer"))
        except (subprocess.CalledProcessError, OSError) as error:
            failure = f"tigramite cannot be installed ({type(error).__name__})"
        np.save(path := Path(folder, "array.npy"), array := sample())
        return [_row(array, share, python, path, failure) for share in SHARES]


def _row(array, share, python, path, failure):
    work = f"cmi-knn, N = {N:,}, |Z| = {Z}, {ORDERS} orders, k = {share:g} N"
    turns = []
    for _ in range(TURNS):
        turns.append((theirs(python, path, share) if not failure else None, ours(array, share)))
    mine = ORDERS * statistics.median(own[2] for _, own in turns)
    about = {"work": work, "peer": "tigramite CMIknn", "our_seconds": mine, "asked": ASKED}
    if failure:
        return about | {"peer_seconds": np.nan, "ratio": np.nan, "limit": "", "note": failure}
    peer = ORDERS * statistics.median(other[2] for other, _ in turns)
    ratio = statistics.median(other[2] / own[2] for other, own in turns)
    said = [f"statistic {v:.5f}, null {np.mean(n):.5f} ({np.std(n):.5f})" for v, n, _ in turns[0]]
    note = f"theirs: {said[0]}; ours: {said[1]}"
    limit = "N^2 distances an order"
    return about | {"peer_seconds": peer, "ratio": ratio, "limit": limit, "note": note}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--peer", type=Path, help="a python that has tigramite; one is made without"
    )
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    found = rows(given.peer)
    for row in found:
        told = "{work}: {our_seconds:.2f} s, {peer} {peer_seconds:.1f} s, x{ratio:.0f}; {note}"
        print(told.format(**row))
    if given.output:
        write_csv(given.output, COLUMNS, [[row[c] for c in COLUMNS] for row in found])


if __name__ == "__main__":
    main()
