"""A suite of tests of independence: its records, the levels that it shows, its page."""

import numpy as np
import pandas as pd
import pytest
from running import in_process

from vmi import records
from vmi.errors import UserError
from vmi.report.parts.levels import shares
from vmi.stages.check import check
from vmi.suites.file import load_suite
from vmi.suites.suite import Suite


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The smoke suite, run once, and its results folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("independence"))
        suite, root = in_process("independence-smoke")
        yield suite, root / "records.csv", root


def test_every_test_answers_every_task(smoke):
    _, path, _ = smoke
    rows = records.read(path)
    assert len(rows) == 4 * 4 * 2 * 10 * 3
    assert set(rows["measure"]) == {"rejected", "p-value", "information"}
    states = rows.groupby(["task", "method"])["state"].unique().str.join(",")
    no_classes = [(t, "g-test") for t in ("common-cause", "direct-1")]
    assert {*states[states != "value"].index} == {*no_classes}
    assert set(states[no_classes]) == {"not applicable"}
    p = rows[(rows["measure"] == "p-value") & (rows["method"] == "local")]["value"]
    assert set((p * 20).round(9) % 1) == {0.0}  # of 19 orders


def test_a_null_has_the_truth_of_its_level_and_no_other_has(smoke):
    _, path, _ = smoke
    rows = records.read(path).set_index("task")
    assert set(rows.loc["common-cause", "truth"]) == {0.0, 0.05, 0.5}
    known = rows.loc["direct-1"].set_index("measure")["truth"]
    assert known["rejected"].isna().all() and known["information"].gt(0).all()


def test_the_page_shows_levels_and_powers(smoke):
    _, _, root = smoke
    page = (root / "report.html").read_text()
    for text in ("Level, under independence", "Power, under dependence", "common cause", "Wilson"):
        assert text in page
    assert {p.stem for p in (root / "figures").glob("*.png")} == {"levels", "powers"}
    table = (root / "tables/headline.txt").read_text()
    assert "rejected at 0.01" in table and "independent" in table
    assert "Fisher's z holds its level" in (root / "claims.md").read_text()


def of_p_values(p, truth=0.5):
    where = {"task": "t", "method": "m", "arm": "", "size": 10, "measure": "p-value"}
    return pd.DataFrame({"value": p, "truth": truth, "seconds": 1.0, **where})


def test_shares_count_at_and_below_a_level():
    found = shares(of_p_values([0.01, 0.05, 0.06, 0.1, 0.5, np.nan])).iloc[0]
    assert found["n"] == 5 and found["null"]
    assert found[[f"rejected at {a}" for a in ("0.01", "0.05", "0.1")]].tolist() == [0.2, 0.4, 0.8]
    assert found["low at 0.05"] < 0.4 < found["high at 0.05"]


def test_uniform_p_values_pass_and_small_ones_do_not():
    even = (np.arange(200) + 0.5) / 200
    assert shares(of_p_values(even)).iloc[0]["ks"] > 0.99
    assert shares(of_p_values(even**2)).iloc[0]["ks"] < 1e-6
    assert np.isnan(shares(of_p_values(even, np.nan)).iloc[0]["ks"])


SETTINGS = {"title": "T", "seeds": [0], "sizes": [20], "tasks": ["chain"]}


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"name": "a", "test": "cmi-knn", "permutation": 9}, "did you mean 'permutations'"),
        ({"name": "a", "test": "cmi-knn", "permutations": 0}, "a whole number of at least 1"),
        ({"name": "a", "test": "cmi-kn"}, "did you mean 'cmi-knn'"),
    ],
)
def test_the_settings_of_a_test_are_checked_first(test, said):
    with pytest.raises(UserError, match=said):
        check(Suite("suite", {**SETTINGS, "tests": [test]}))


def test_the_published_suite_is_well_formed():
    suite = load_suite("independence")
    check(suite)
    assert len(suite.seeds) == 200 and len(suite.claims) == 12
