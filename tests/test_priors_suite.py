"""A suite with arms: from nothing to its page, with tables, figures and claims by arm."""

import pandas as pd
import pytest
from running import ROOT, in_process

from vmi import records
from vmi.report.numbers import Numbers
from vmi.report.parts.arms import CEILING, WON, by_arm
from vmi.report.summary import largest
from vmi.stages.where import Where
from vmi.suites.file import load_suite


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The records and the results folder of the smoke suite, run once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("priors"))
        _, root = in_process("priors-smoke")
        yield records.read(root / "records.csv"), root


def test_every_arm_has_its_numbers_and_none_fails(smoke):
    rows, _ = smoke
    failed = rows[rows["state"] == "failed"]
    assert failed.empty, failed[["method", "arm", "measure", "error"]]
    counted = rows[rows["measure"] == "prior-gap/won"].groupby("arm").size()
    assert counted.nunique() == 1 and set(counted.index) == {"", "ncp", "mixture", "few"}
    silent = rows[rows["measure"] == "resampling"].groupby("arm")["state"].unique().str.join(",")
    assert silent["ncp"] == "value" and silent["mixture"] == "not applicable"


def test_claims_pair_the_seeds_of_two_arms(smoke):
    rows, root = smoke
    found = pd.read_csv(root / "tables/claims.csv").set_index("id")
    elbo = rows[(rows["measure"] == "elbo") & (rows["method"] == "vae")]
    by_arm = elbo.pivot(index=["task", "seed"], columns="arm", values="value")
    effect = (by_arm["mixture"] - by_arm["ncp"]).groupby("task").mean()
    claimed = found.loc[["mixture"]].set_index("task")["effect"]
    assert claimed.to_dict() == pytest.approx(effect.to_dict())


def test_the_page_shows_what_arms_win_and_what_proposals_are_worth(smoke):
    _, root = smoke
    figures = {path.stem for path in (root / "figures").glob("*.png")}
    assert {"won", "by-arm", "proposals-ncp"} <= figures
    assert "scores" not in figures  # of the models as they are they would hide the arms
    page = (root / "report.html").read_text()
    for text in (
        "What each prior wins",
        "fifty codes",
        "the ceiling",
        "its draws are the best of M",
    ):
        assert text in page
    assert "mathdefault" not in (root / "figures/proposals-ncp.svg").read_text()


def test_the_suite_of_priors_is_well_formed():
    suite = load_suite("priors")
    assert len(suite.seeds) == 5 and len(suite.claims) == 14
    assert {entry["prior"].partition("-")[0] for entry in suite.arms.values()} == {
        *("ncp", "mixture", "vamp", "two", "flow", "aggregate")
    }


def test_what_a_prior_loses_beyond_the_scale_stands_at_the_edge():
    where, suite = Where(ROOT / "results/published/priors"), load_suite("priors")
    numbers = Numbers(suite, where, records.read(where.records))
    rows = largest(numbers.summary)
    figure = by_arm(numbers, rows, [WON], CEILING)
    means = rows[(rows["measure"] == WON) & (rows["arm"] != "")].groupby("task")["mean"]
    for axis, task in zip(figure.axes, suite.tasks, strict=True):
        edge, _ = axis.get_xlim()
        lost = sorted(mean for mean in means.get_group(task) if mean < edge)
        said = [float(text.get_text().strip("◂ ").replace("−", "-")) for text in axis.texts]
        assert sorted(said) == pytest.approx(lost, abs=0.05)
    assert said  # of Fashion-MNIST
