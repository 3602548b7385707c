"""What a family of metrics makes of the same codes is made once, and changes no number."""

import gc

import numpy as np
import pytest
import torch

from vmi.metrics import bins, counts, kept
from vmi.metrics.gaps import dcimig, jemmig, mig_sup
from vmi.metrics.mig import mig, mig_binned_factors, mig_code_entropy, mig_quantile
from vmi.metrics.modularity import modularity
from vmi.nets.codes import Codes

FAMILY = (mig, mig_quantile, mig_binned_factors, mig_code_entropy, mig_sup, jemmig, dcimig)
SIZES = (3, 6, 40)


def stored(n=400):
    stream = torch.Generator().manual_seed(0)
    mean = torch.randn(n, 4, generator=stream, dtype=torch.float64)
    factors = torch.stack([torch.randint(k, (n,), generator=stream) for k in SIZES], 1)
    return Codes(mean, mean.exp(), factors=factors)


@pytest.fixture
def counted(monkeypatch):
    calls, table = [], counts._table
    monkeypatch.setattr(counts, "_table", lambda *given: calls.append(1) or table(*given))
    return calls


def test_metrics_of_stored_codes_count_each_table_once(counted):
    codes = stored()
    for metric in (*FAMILY, modularity):
        metric(codes, codes.factors)
    assert len(counted) == 2 * 3  # the code and the factors: raw, in quantiles, binned
    mig(codes, codes.factors, bins=5)
    assert len(counted) == 2 * 4


def test_what_is_kept_is_what_plain_arrays_have():
    codes = stored()
    for metric in FAMILY:
        assert metric(codes, codes.factors) == metric(codes.mean.numpy(), codes.factors.numpy())


def test_arrays_that_may_change_are_counted_anew(counted):
    codes = stored()
    means, factors = codes.mean.numpy().copy(), codes.factors.clone()
    for given in (means, codes):  # and so are factors that are not those of the codes
        before = mig(given, factors).value
        factors[:, 0] = factors[:, 0].flip(0)
        assert mig(given, factors).value != before


def test_what_is_kept_goes_with_its_codes():
    codes = stored()
    mig(codes, codes.factors)
    assert codes in kept.KEPT
    held = len(kept.KEPT)
    del codes
    gc.collect()
    assert len(kept.KEPT) < held


def test_tables_of_several_factors_at_once_are_those_of_each():
    stream = np.random.default_rng(0)
    xs = [stream.integers(k, size=3000) for k in (20, 2)]
    ys = [stream.integers(k, size=3000) for k in (3, 6, 2, 900, 4)]
    found = counts.mutual_information_matrix(xs, ys)
    one_by_one = [[counts.mutual_information_matrix([x], [y])[0, 0] for y in ys] for x in xs]
    assert found.tolist() == one_by_one


@pytest.mark.parametrize("bins_", [2, 20, 65, 66, 200])
def test_comparing_with_all_edges_is_searching(bins_):
    for values in np.random.default_rng(0).normal(size=(2, 70_000)).round(2):
        edges = np.histogram_bin_edges(values, bins_)
        assert np.array_equal(bins.binned(values, bins_), np.digitize(values, edges[1:-1]))
