"""Arms: every model is trained once and refined by each prior; what stands is not done again."""

import re

import pandas as pd
import pytest
import yaml
from running import ROOT

from vmi import records
from vmi.errors import UserError
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import METRICS
from vmi.mi import INFORMATION
from vmi.pictures import PICTURES
from vmi.references import asked_for
from vmi.report.claims import claims, compared
from vmi.report.numbers import Numbers
from vmi.report.summary import complete
from vmi.report.tables import table
from vmi.stages import provenance
from vmi.stages.check import check
from vmi.stages.cohort import Cohort, cohort, due
from vmi.stages.context import Context
from vmi.stages.where import where
from vmi.suites.file import check_names, load_suite
from vmi.suites.schema import check_schema
from vmi.suites.suite import Suite

NCP = {"prior": "ncp-20", "steps": 50}
SETTINGS = {
    "title": "T",
    "seeds": [0, 1],
    "datasets": ["digits"],
    "models": ["vae"],
    "metrics": ["active-units", "elbo", "iwae-3", "prior-gap"],
    "arms": {"plain": {}, "ncp": NCP, "few": {"prior": "aggregate-50", "label": "fifty codes"}},
    "network": "dense-8",
    "latents": {"gaussian": 2, "categorical": [3]},
    "training": {"steps": 20, "batch_size": 32},
    "likelihood_images": 40,
    "pictures": ["reconstructions", "samples"],
}
CLAIM = {
    "id": "more",
    "sentence": "A prior wins.",
    "source": "here",
    "left": {"model": "vae", "metric": "elbo", "arm": "ncp"},
    "is": "above",
    "right": {"arm": "plain"},
}


@pytest.fixture(autouse=True)
def here(workplace):
    """Stages work in the folder that one works in."""
    return workplace


def suite_of(**changes):
    return Suite("s", {**SETTINGS, **changes})


def run(suite):
    cohort(suite, "digits", "vae", [0, 1], quiet=True)
    cell = where(suite).cell("digits", "vae", "0-1")
    return cell, records.read(cell.records)


def would_do(suite):
    given = Cohort(suite, "digits", "vae", [0, 1])
    return due(given, provenance.of_cohort(suite, "digits", "vae", [0, 1]))


def test_a_model_is_trained_once_and_refined_by_each_prior():
    suite = suite_of(claims=[CLAIM])
    cell, rows = run(suite)
    assert rows["state"].eq("value").all(), rows[["measure", "arm", "error"]]
    by_arm = rows.groupby("arm")["measure"].unique().map(set).to_dict()
    assert list(by_arm) == ["", "few", "ncp"]
    assert by_arm["ncp"] == by_arm["few"] == by_arm[""] - {"active-units"}
    assert len(list(cell.weights.iterdir())) == 2
    assert len(cell.left_by("refine")) == 5  # two arms of two seeds, and what became of them
    names = {p.relative_to(cell.pictures).as_posix() for p in cell.left_by("draw")}
    assert names == {"reconstructions.png", "samples.png", "ncp/samples.png", "few/samples.png"}
    said = rows[(rows["arm"] == "ncp") & (rows["measure"] == "iwae-3")]
    assert said["convention"].str.contains("SIR, M = 20").all()
    assert would_do(suite) == []

    # the base is what it is without arms
    alone = Suite("alone", {k: v for k, v in SETTINGS.items() if k != "arms"})
    assert "refine" not in alone.stages
    _, plain = run(alone)
    keys = ["seed", "measure"]
    numbers = [f.sort_values(keys)["value"].tolist() for f in (plain, rows[rows["arm"] == ""])]
    assert numbers[0] == numbers[1]

    # claims and tables by arm
    found = claims(complete(rows, suite), suite)
    assert found["n"].tolist() == [2]
    won = rows[rows["measure"] == "elbo"].pivot(index="seed", columns="arm", values="value")
    assert found["effect"][0] == pytest.approx((won["ncp"] - won[""]).mean())
    assert "VAE with ncp is above" in compared(suite.claims[0], suite)
    numbers = Numbers(suite, where(suite), rows)
    made = table(numbers, numbers.summary, ["elbo", "active-units"], "T")
    assert [row[2].text for row in made.rows] == ["plain", "ncp", "fifty codes"]
    assert [row[4].text for row in made.rows][1:] == ["–", "–"]


def test_a_changed_prior_is_fitted_again_alone_and_trains_no_model():
    suite = suite_of()
    cell, before = run(suite)
    weights = (cell.weights / "seed-0.safetensors").stat().st_mtime_ns
    few = cell.prior("few", 0).stat().st_mtime_ns
    ncp = cell.prior("ncp", 0).stat().st_mtime_ns

    changed = suite_of(arms={**SETTINGS["arms"], "ncp": {**NCP, "hidden": 8}})
    assert would_do(changed) == ["refine", "measure", "draw"]
    _, after = run(changed)
    assert (cell.weights / "seed-0.safetensors").stat().st_mtime_ns == weights
    assert cell.prior("few", 0).stat().st_mtime_ns == few
    assert cell.prior("ncp", 0).stat().st_mtime_ns > ncp
    same = [f[f["arm"] != "ncp"].reset_index(drop=True) for f in (before, after)]
    pd.testing.assert_frame_equal(*same)  # to the last digit of a stopwatch
    assert not before["value"].equals(after["value"])

    renamed = suite_of(arms={**changed.arms, "ncp": {**changed.arms["ncp"], "label": "bent"}})
    assert would_do(renamed) == []
    more = suite_of(metrics=[*SETTINGS["metrics"], "prior-mmd"], arms=changed.arms)
    assert would_do(more) == ["measure"]
    fewer = suite_of(arms={"few": SETTINGS["arms"]["few"]})
    assert would_do(fewer) == ["draw"]


def test_a_prior_that_cannot_be_fitted_is_rows_with_the_reason(here):
    (here / "own.py").write_text(
        "from vmi.priors.standard import Standard\n"
        "from vmi.errors import NotApplicable\n"
        "class Breaks(Standard):\n"
        "    def fit(self, codes, generator):\n"
        "        raise KeyError('no such thing')\n"
        "class Declines(Standard):\n"
        "    def fit(self, codes):\n"
        "        raise NotApplicable('not these')\n"
    )
    arms = {"breaks": {"prior": "own:Breaks"}, "declines": {"prior": "own:Declines"}}
    _, rows = run(suite_of(arms=arms))
    by_arm = rows.groupby("arm")[["state", "error"]].agg(set)
    assert by_arm.loc["", "state"] == {"value"}
    assert by_arm.loc["breaks", "state"] == {"failed"}
    assert "KeyError: 'no such thing'" in by_arm.loc["breaks", "error"].pop()
    assert by_arm.loc["declines", "state"] == {"not applicable"}
    assert by_arm.loc["declines", "error"] == {"not these"}


def test_the_contributors_prior_works_to_the_letter(here):
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    _, code = re.findall(r"```python\n(.*?)```", guide, re.S)
    (arms,) = re.findall(r"^    (arms: .*)$", guide, re.M)
    (here / "mine.py").write_text(code)
    suite = suite_of(**yaml.safe_load(arms), latents={"gaussian": 2}, metrics=["prior-gap"])
    check(suite)
    _, rows = run(suite)
    assert rows["state"].eq("value").all()
    won = rows[rows["measure"] == "prior-gap/won"].set_index(["arm", "seed"])["value"]
    assert (won["wide"] != 0).all() and (won[""] == 0).all()


@pytest.mark.parametrize(
    ("arms", "said"),
    [
        ({"a": {}, "b": {}}, "arms 'a' and 'b' are one"),
        ({"a": {"steps": 3}}, "arm 'a' has 'steps' and no 'prior'"),
        ({"base": {"prior": "ncp"}}, "arm 'base' refines nothing"),
        ({"a": {"prior": "npc"}}, "unknown prior 'npc': did you mean 'ncp'"),
        ({"a": {"prior": "ncp-0"}}, "proposals wants a whole number of at least 1, not 0"),
        ({"a": {"prior": "ncp", "step": 1}}, "did you mean 'steps'"),
        ({"a": {"prior": "json:loads"}}, "prior 'json:loads'"),
    ],
)
def test_an_arm_that_is_none_is_one_clear_line(arms, said):
    with pytest.raises(UserError, match=said) as caught:
        suite = suite_of(arms=arms)
        check_names(suite)
        check(suite)
    assert len(str(caught.value).splitlines()) == 1


def test_an_arm_that_is_named_twice_is_one_clear_line(here):
    text = yaml.safe_dump({**SETTINGS, "arms": {"a": {}}}).replace("  a: {}", "  a: {}\n  a: {}")
    (here / "twice.yaml").write_text(text)
    with pytest.raises(UserError, match="'a' is given twice, in line") as caught:
        load_suite("twice.yaml")
    assert len(str(caught.value).splitlines()) == 1


def test_a_discriminator_that_separates_flags_its_rows_and_no_other(here):
    (here / "own.py").write_text(
        "import torch\n"
        "from vmi.priors.ncp import NoiseContrastive\n"
        "class Separates(NoiseContrastive):\n"
        "    def fit(self, codes, generator):\n"
        "        super().fit(codes, generator)\n"
        "        self.separated = torch.tensor(True)\n"
    )
    arms = {
        "far": {"prior": "own:Separates", "proposals": 5, "steps": 5},
        "few": {"prior": "aggregate"},
    }
    metrics = ["elbo", "iwae-3", "prior-gap", "prior-mmd", "frechet", "discriminator", "resampling"]
    _, rows = run(suite_of(arms=arms, metrics=metrics))
    said = rows[rows["warning"].str.contains("r has no bound")]
    assert set(said["arm"]) == {"far"} and set(metrics) <= set(said["measure"])
    assert "distortion" not in " ".join(said["measure"])  # which is not of the prior


def test_a_prior_for_a_code_that_it_cannot_take_is_one_clear_line():
    arms, latents = {"a": {"prior": "mixture"}}, {"gaussian": 0, "categorical": [3]}
    with pytest.raises(UserError, match="wants a Gaussian block, and there is none"):
        check(suite_of(arms=arms, latents=latents))


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"arm": "npc"}, "unknown arm of this suite"),
        ({"arm": "ncp", "metric": "active-units"}, "unknown metric that arms have"),
    ],
)
def test_a_claim_speaks_of_the_arms_that_there_are(left, said):
    claim = {**CLAIM, "left": {**CLAIM["left"], **left}}
    with pytest.raises(UserError, match=said):
        check_names(suite_of(claims=[claim]))


def test_the_schema_takes_arms_where_the_kind_has_them():
    check_schema(suite_of(claims=[CLAIM]).settings, suite_of().kind)
    tasks = {"title": "T", "seeds": [0], "tasks": ["normal"], "estimators": ["ksg"], "sizes": [9]}
    with pytest.raises(UserError, match="unknown key"):
        suite = Suite("s", {**tasks, "arms": {}})
        check_schema(suite.settings, suite.kind)


@pytest.mark.parametrize("registry", [METRICS, INFORMATION, LOG_LIKELIHOODS, PICTURES])
def test_what_asks_for_the_prior_says_so_on_its_card(registry):
    for name in registry:
        function, _ = registry.load(name)
        offered = (*Context.offered, "split", "dataset")
        assert ("prior" in asked_for(name, function, offered)) == registry[name].of_prior, name


def test_a_metric_of_ones_own_that_asks_for_the_prior_must_say_so(here):
    (here / "mine.py").write_text(
        "import vmi\n"
        "def silent(prior): return 0.0\n"
        "@vmi.card(of_prior=True)\n"
        "def width(prior, generator): return prior.sample(50, generator).std()\n"
    )
    check(suite_of(metrics=["mine:width"]))
    with pytest.raises(UserError, match="say `of_prior=True` on its card"):
        check(suite_of(metrics=["mine:silent"]))
    _, rows = run(suite_of(metrics=["mine:width"]))
    assert rows["arm"].value_counts().to_dict() == {"": 2, "ncp": 2, "few": 2}
