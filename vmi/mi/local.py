"""The local terms of the estimators by neighbours: N numbers, whose mean is the estimate, in nats.

All take variables in their spaces, k and the norm of a margin. Each returns its terms and what each
of them is at most, (N,).
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import digamma

from vmi.mi.distances import count_others, extents, kth_distances
from vmi.mi.kinds import REPEATED, repeated_share
from vmi.mi.spaces import Space, count_around, joined, radii

__all__ = ["Terms", "around", "rectangles", "share_at_ties", "squares"]

Terms = tuple[np.ndarray, np.ndarray]
CLOSE = 1e-9  # relative; distances nearer to each other than this are tied


def squares(spaces: Sequence[Space], k: int, norm: str) -> Terms:
    """Of `ksg`: the points of each margin nearer than the k-th neighbour."""
    margins = [s.margins[0] for s in spaces]
    radius = kth_distances(margins, k, norm)
    inside = [count_others([m], radius, norm, strict=True) for m in margins]
    most = np.full(len(radius), digamma(len(radius)) - digamma(k))
    return digamma(k) + digamma(len(radius)) - sum(digamma(n + 1) for n in inside), most


def rectangles(spaces: Sequence[Space], k: int, norm: str) -> Terms:
    """Of `ksg2`: the points of each margin as near as any of the k neighbours."""
    margins = [s.margins[0] for s in spaces]
    pairs = zip(margins, extents(margins, k, norm), strict=True)
    inside = [count_others([margin], extent, norm, strict=False) for margin, extent in pairs]
    start = digamma(len(inside[0])) - 1 / k
    most = np.full(len(inside[0]), start - digamma(k))
    return start + digamma(k) - sum(digamma(n) for n in inside), most


def around(spaces: Sequence[Space], k: int, norm: str) -> Terms:
    """Of `mixed_ksg`, and with a third variable `conditional_ksg`; NaN of a point that is alone."""
    x, y, *z = spaces
    n, joint = len(x), joined(*spaces)
    radius, kth = radii(joint, n, k, norm)
    alone = (kth == 0) & bool(joint.margins)
    kth = digamma(np.where(radius > 0, kth, count_around(joint, radius, norm)))
    xz, yz = (digamma(count_around(joined(s, *z), radius, norm)) for s in (x, y))
    of_z = digamma(count_around(z[0], radius, norm)) if z else np.full(n, math.log(n))
    return np.where(alone, math.nan, kth + of_z - xz - yz), of_z - kth


def share_at_ties(joint: Space, n: int, k: int, norm: str) -> float:
    """Returns the share of points with others at the very distance of the k-th, if over 5%."""
    if not joint.margins or max(map(repeated_share, joint.margins)) <= REPEATED:
        return 0.0
    radius, kth = radii(joint, n, k, norm)
    within = count_around(joint, radius * (1 + CLOSE), norm) - 1
    share = float(np.mean((radius > 0) & (within > kth)))
    return share if share > REPEATED else 0.0
