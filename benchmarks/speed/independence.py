"""How fast a test of conditional independence by neighbours is beside tigramite's CMIknn.

    python benchmarks/speed/independence.py [--output independence.csv]

Both test the same samples of 1,000 rows given three columns with the same settings: ranks, k a
share of N, x permuted among five neighbours in z. The peer runs in an environment of its own, which
this makes, and on fewer orders, as each costs the same. Seconds are of the processor, the two in
turns, the median of three. The note holds what both say: the statistic, which is to be equal, and
the mean and the deviation of the null, which are to be equal but for chance.
"""

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from turns import environment, main, refused, row, surroundings

from vmi.independence.reordered import informations
from vmi.mi.orders import local_orders
from vmi.mi.spaces import space

NAME, PACKAGES = "tigramite, CMIknn", ("tigramite", "numba")
N, Z, ORDERS, THEIRS, TURNS = 1000, 3, 500, 20, 3
SHARES = (0.2, 0.01)  # of N that are neighbours: the peer's default, and the paper's
ASKED = "x20"

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
    done = subprocess.run(
        [*map(str, command)], check=True, capture_output=True, text=True, env=surroundings()
    )
    value, null, seconds = json.loads(done.stdout.splitlines()[-1])
    return value, null, seconds / THEIRS


def rows() -> list[dict]:
    """Returns a row a share of neighbours."""
    work = f"cmi-knn, N = {N:,}, {Z} columns of z, {ORDERS} orders, k = {{:g}} N"
    try:
        python = environment("tigramite", PACKAGES, "tigramite.independence_tests.cmiknn")
    except RuntimeError as error:
        return [r for s in SHARES for r in refused(work.format(s), NAME, ASKED, str(error))]
    with tempfile.TemporaryDirectory() as folder:
        np.save(path := Path(folder, "array.npy"), array := sample())
        return [_row(work.format(s), array, s, python, path) for s in SHARES]


def _row(work, array, share, python, path):
    turns = [(theirs(python, path, share), ours(array, share)) for _ in range(TURNS)]
    peer, own = (ORDERS * statistics.median(turn[i][2] for turn in turns) for i in (0, 1))
    ratio = statistics.median(other[2] / mine[2] for other, mine in turns)
    said = [f"statistic {v:.5f}, null {np.mean(n):.5f} ({np.std(n):.5f})" for v, n, _ in turns[0]]
    note = f"theirs: {said[0]}; ours: {said[1]}"
    return row(work, NAME, (peer, own, ratio), ASKED, note=note)


if __name__ == "__main__":
    main(rows, __doc__)
