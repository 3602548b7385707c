"""Claims: a verdict says what the interval over paired seeds says, and no more."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vmi.records import COLUMNS, Record, write
from vmi.report import report
from vmi.report.claims import claims, compared, overall
from vmi.report.parts.claims import document, effect, tally
from vmi.report.summary import complete
from vmi.statistics import verdict
from vmi.suites.suite import Suite

NAN = float("nan")
LEFT, RIGHT = {"model": "a", "metric": "mig"}, {"model": "b", "metric": "mig"}
BASE = {"id": "one", "sentence": "A is better.", "source": "here", "left": LEFT, "is": "above"}
values = st.lists(st.tuples(*[st.floats(-50, 50)] * 2), min_size=2, max_size=6)
margins = st.floats(-5, 5)


def make_suite(*made, datasets=("d",), seeds=5, metrics=("mig", "elbo")):
    """Creates a suite of two models with claims."""
    settings = {
        "title": "Claims | to try",
        "datasets": [{"name": name, "dataset": "digits"} for name in datasets],
        "models": [{"name": name, "model": "vae"} for name in "ab"],
        "seeds": list(range(seeds)),
        "metrics": list(metrics),
    }
    return Suite("s", settings | {"claims": [{**BASE, "right": RIGHT, **claim} for claim in made]})


def of_estimators(*made, seeds=3):
    """Creates a suite of estimators with claims."""
    settings = {
        "title": "Claims",
        "tasks": ["two-pair-3", "two-pair-25"],
        "estimators": ["ksg-3", "cca"],
        "sizes": [500, 2000],
        "seeds": list(range(seeds)),
        "claims": [{**BASE, "is": "below", "right": "truth", **claim} for claim in made],
    }
    return Suite("s", settings)


def rows_of(method, numbers, task="d", measure="mig", unit="", state="failed", **about):
    """Creates the rows of one cell: a number or an error by seed."""
    cell = {"suite": "s", "task": task, "method": method, "arm": "", "size": 0, "measure": measure}
    cell |= {"unit": unit, **about}
    return [
        Record(**cell, seed=k, value=NAN, state=state, error=v)
        if isinstance(v, str)
        else Record(**cell, seed=k, value=v)
        for k, v in (numbers.items() if isinstance(numbers, dict) else enumerate(numbers))
    ]


def frame_of(*rows):
    return pd.DataFrame([vars(row) for cell in rows for row in cell], columns=list(COLUMNS))


def held(left, other=None, /, **claim):
    """Returns the row of one claim on models a and b, whose numbers are given by seed."""
    rows = [rows_of("a", left), *([rows_of("b", other)] if other is not None else [])]
    (row,) = claims(frame_of(*rows), make_suite(claim)).to_dict("records")
    return row


def test_a_side_may_name_a_task_of_its_own():
    left, right = ({"estimator": "cca", **task} for task in ({}, {"task": "two-pair-25"}))
    suite = of_estimators({"left": left, "right": right, "tasks": ["two-pair-3"]})
    about = {"measure": "information", "size": 2000}
    near = rows_of("cca", [0.1, 0.2, 0.3], "two-pair-3", **about)
    far = rows_of("cca", [0.5, 0.5, 0.8], "two-pair-25", **about)
    (row,) = claims(frame_of(near, far), suite).to_dict("records")
    assert (row["task"], row["verdict"]) == ("two-pair-3", "holds")
    assert row["effect"] == pytest.approx(-0.4)
    assert row["comparison"].endswith("that of CCA from 2,000 samples of two-pair-25")


# --- the verdict


@pytest.mark.parametrize(
    ("low", "high", "relation", "margin", "said"),
    [
        (0.2, 0.4, "above", 0.1, "holds"),
        (0.1, 0.4, "above", 0.1, "undecided"),
        (0.0, 0.1, "above", 0.1, "undecided"),
        (-0.2, 0.09, "above", 0.1, "fails"),
        (-0.05, 0.4, "above", -0.1, "holds"),  # non-inferiority
        (-0.2, 0.4, "above", -0.1, "undecided"),
        (-0.3, -0.2, "above", -0.1, "fails"),
        (-0.4, -0.2, "below", 0.1, "holds"),
        (-0.4, -0.1, "below", 0.1, "undecided"),
        (-0.09, 0.2, "below", 0.1, "fails"),
        (-0.4, 0.05, "below", -0.1, "holds"),
        (-0.1, 0.1, "within", 0.1, "holds"),
        (0.0, 0.0, "within", 0.0, "holds"),
        (0.0, 0.2, "within", 0.1, "undecided"),
        (-0.2, 0.2, "within", 0.1, "undecided"),
        (0.1, 0.2, "within", 0.1, "undecided"),
        (0.11, 0.2, "within", 0.1, "fails"),
        (-0.2, -0.11, "within", 0.1, "fails"),
        (NAN, NAN, "above", 0.0, "undecided"),
        (NAN, NAN, "below", 0.0, "undecided"),
        (NAN, NAN, "within", 9.0, "undecided"),
    ],
)
def test_verdicts_by_hand(low, high, relation, margin, said):
    assert verdict(low, high, relation, margin) == said


@given(values, margins)
def test_sides_exchanged_turn_above_into_below(pairs, margin):
    left, right = map(list, zip(*pairs, strict=True))
    one = held(left, right, margin=margin)
    other = held(right, left, margin=margin, **{"is": "below"})
    assert one["verdict"] == other["verdict"]
    assert (one["effect"], one["low"], one["high"]) == tuple(
        -other[key] for key in ("effect", "high", "low")
    )


@given(values, margins, st.floats(0, 3))
def test_what_holds_with_a_margin_holds_with_one_that_asks_less(pairs, margin, less):
    left, right = map(list, zip(*pairs, strict=True))
    asks_less = {"above": margin - less, "below": margin - less, "within": abs(margin) + less}
    for relation, other in asks_less.items():
        size = abs(margin) if relation == "within" else margin
        if held(left, right, margin=size, **{"is": relation})["verdict"] == "holds":
            assert held(left, right, margin=other, **{"is": relation})["verdict"] == "holds"


@given(st.data(), values, margins)
def test_the_order_of_seeds_does_not_matter(data, pairs, margin):
    order = data.draw(st.permutations(range(len(pairs))))
    left, right = map(list, zip(*pairs, strict=True))
    again = held([left[i] for i in order], [right[i] for i in order], margin=margin)
    assert repr(again) == repr(held(left, right, margin=margin))  # a NaN is one


def test_equal_numbers_are_within_nothing_of_each_other():
    assert held([0.1, 0.7, 0.3], [0.1, 0.7, 0.3], **{"is": "within"})["verdict"] == "holds"
    assert held([0.1, 0.7, 0.3], [0.1, 0.7, 0.3])["verdict"] == "undecided"


def test_a_difference_that_is_the_margin_in_the_records_is_the_margin():
    """In binary .4 - .3 is more than .1."""
    for left, right in ((0.4, 0.3), (0.3, 0.4)):
        row = held([left] * 3, [right] * 3, margin=0.1, **{"is": "within"})
        assert row["verdict"] == "holds"


# --- the pairing


def test_a_seed_is_compared_with_itself():
    left, right = {0: 1.0, 1: 5.0, 2: 9.0, 7: 4.0}, {2: 8.5, 1: 4.5, 0: 0.5, 3: 99.0}
    row = held(left, right)
    assert (row["effect"], row["low"], row["high"], row["n"]) == (0.5, 0.5, 0.5, 3)
    assert row["verdict"] == "holds" and row["note"] == ""


def test_rows_are_paired_by_seed_in_whatever_order_they_stand():
    rows = frame_of(rows_of("a", [1.0, 2.0, 4.0]), rows_of("b", [0.5, 1.0, 3.5]))
    suite = make_suite({})
    pd.testing.assert_frame_equal(claims(rows, suite), claims(rows.iloc[::-1], suite))


def test_failed_seeds_leave_the_others_and_their_reason():
    row = held({0: 1.0, 1: "RuntimeError: lost", 2: "lost too", 3: 2.0}, [0.0, 0.0, 0.0, 0.0])
    assert row["n"] == 2 and row["effect"] == 1.5 and row["note"] == ""
    row = held({0: 1.0, 1: "RuntimeError: lost"}, [0.0, 0.0])
    assert (row["n"], row["effect"], row["verdict"]) == (1, 1.0, "undecided")
    assert row["note"] == "one seed alone has a number on each side: RuntimeError: lost"
    rows = frame_of(rows_of("a", ["no category"] * 2, state="not applicable"), rows_of("b", [0.0]))
    (row,) = claims(rows, make_suite({})).to_dict("records")
    assert row["n"] == 0 and np.isnan(row["effect"]) and row["verdict"] == "undecided"
    assert row["note"] == "no seed has a number on each side: not applicable: no category"


@pytest.mark.parametrize(
    ("left", "relation", "margin", "said", "note"),
    [
        ([0.05, 0.06, 0.05], "above", 0.1, "fails", "above 0, but by less than the margin"),
        (
            [0.1, 0.12, 0.1],
            "above",
            0.1,
            "undecided",
            "above 0, but perhaps by less than the margin",
        ),
        ([0.2, 0.21, 0.2], "above", 0.1, "holds", ""),
        ([-0.05, -0.06, -0.05], "above", 0.1, "fails", ""),
        ([-0.05, -0.06, -0.05], "below", 0.1, "fails", "below 0, but by less than the margin"),
        ([0.05, 0.06, 0.05], "within", 0.01, "fails", ""),
        ([-0.3, -0.2, -0.3], "above", -0.1, "fails", ""),
    ],
)
def test_an_effect_that_is_there_but_small_is_told(left, relation, margin, said, note):
    row = held(left, [0.0] * 3, margin=margin, **{"is": relation})
    assert (row["verdict"], row["note"]) == (said, note)


def test_seeds_that_no_two_sides_share_are_no_pairs():
    assert held({0: 1.0, 1: 2.0}, {2: 1.0, 3: 2.0})["note"].startswith("no seed has a number")


def test_what_was_never_recorded_is_undecided():
    row = held([1.0, 2.0], right={"model": "b", "metric": "mig/part"})
    assert row["verdict"] == "undecided" and row["n"] == 0
    assert row["note"] == "no records of MIG, part of b"


def test_a_number_and_the_same_model_can_stand_on_the_right():
    assert held([0.6, 0.6, 0.6], right=0.5)["verdict"] == "holds"  # there is no model `b`
    rows = frame_of(rows_of("a", [0.6, 0.7, 0.6]), rows_of("a", [0.1] * 3, measure="elbo"))
    made = [{"right": 0.5}, {"right": {"metric": "elbo"}}]
    found = claims(rows, make_suite(*made))
    assert found["n"].tolist() == [3, 3]
    assert found["effect"].tolist() == pytest.approx([0.4 / 3, 1.6 / 3])


def test_nats_are_not_compared_with_shares():
    rows = frame_of(rows_of("a", [1.0, 2.0], unit="nats"), rows_of("b", [0.1, 0.2]))
    (row,) = claims(rows, make_suite({})).to_dict("records")
    assert (row["verdict"], row["n"]) == ("undecided", 0)
    assert row["note"] == "its sides have different units: nats and none"


def test_data_sets_are_judged_apart_and_only_those_that_are_named():
    rows = [
        rows_of(model, numbers, dataset)
        for dataset, sides in {
            "d": ([1, 1.1, 1.2], [0, 0, 0]),
            "e": ([0, 0, 0.1], [1, 1, 1]),
        }.items()
        for model, numbers in zip("ab", sides, strict=True)
    ]
    made = [{"id": "all"}, {"id": "some", "datasets": ["e"]}]
    found = claims(frame_of(*rows), make_suite(*made, datasets=("d", "e")))
    assert found[["id", "task", "verdict"]].to_numpy().tolist() == [
        ["all", "d", "holds"],
        ["all", "e", "fails"],
        ["some", "e", "fails"],
    ]
    assert overall(found[found["id"] == "all"]) == "holds on d, fails on e"
    assert overall(found[found["id"] == "some"]) == "fails"
    assert tally(found, "data set") == (
        "Of 2 claims, 1 fails and 1 differs between data sets. "
        "Adjusted for 3 comparisons, 1 fails and 1 differs between data sets."
    )


def test_overall_names_the_data_sets_that_agree():
    rows = pd.DataFrame({"task": ["d", "e", "f"], "verdict": ["holds", "fails", "holds"]})
    assert overall(rows) == "holds on d and f, fails on e"


# --- many claims


@given(values, margins)
def test_a_verdict_is_had_where_its_p_value_is_under_a_twentieth(pairs, margin):
    left, right = map(list, zip(*pairs, strict=True))
    for relation in ("above", "below", "within"):
        size = abs(margin) if relation == "within" else margin
        row = held(left, right, margin=size, **{"is": relation})
        assume(abs(row["p"] - 0.05) > 1e-9)
        assert (row["p"] < 0.05) == (row["verdict"] != "undecided")


def test_one_of_twenty_chance_claims_no_longer_holds_when_all_are_counted():
    """Of one claim p = .03 is a verdict; of twenty it is none, whatever the others say."""
    draw = np.random.default_rng(0)
    lucky = [1.0, 1.6, 0.4, 1.9, 0.1]  # t = 2.84 on four degrees of freedom: p = .047
    made = [{"id": "lucky", "left": {"model": "a", "metric": "elbo"}, "right": 0.0}]
    made += [{"id": f"c{i}", "right": float(draw.normal())} for i in range(19)]
    rows = frame_of(rows_of("a", lucky, measure="elbo"), rows_of("a", draw.normal(size=5)))
    alone = claims(rows, make_suite(made[0])).loc[0]
    assert alone["p"] == alone["p_holm"] < 0.05 and alone["adjusted"] == "holds"
    assert alone["d_z"] == pytest.approx(np.mean(lucky) / np.std(lucky, ddof=1))
    among = claims(rows, make_suite(*made)).loc[0]
    assert (among["verdict"], among["adjusted"]) == ("holds", "undecided")
    assert among["p_holm"] == pytest.approx(min(1, among["p"] * 20), rel=0.9)


def test_what_holds_by_construction_is_listed_apart_and_not_counted():
    rows = frame_of(rows_of("a", [1.0, 1.1, 1.2]), rows_of("b", [0.0, 0.0, 0.1]))
    suite = make_suite({"id": "built", "by_construction": True}, {"id": "found"})
    found = claims(rows, suite)
    assert found["p_holm"].isna().tolist() == [True, False]
    assert found["p_holm"][1] == found["p"][1]  # of one comparison
    said = "Not counted: 1 by construction."
    assert tally(found).startswith("Of 1 claim, 1 holds. ") and tally(found).endswith(said)
    text = document(found, suite)
    assert (
        text.index("found") < text.index("By construction, and not counted") < text.index("built")
    )


def test_no_difference_seen_is_no_equality():
    row = held([0.3, -0.3, 0.1], [0.0] * 3, margin=0.2, **{"is": "within"})
    assert row["verdict"] == "undecided"
    assert row["note"] == "not shown to differ, nor to be as near as the margin"


# --- estimators


def estimates(method, task, size, numbers):
    return rows_of(method, numbers, task, "information", "nats", size=size, truth=1.5)


def test_a_claim_on_estimators_is_held_against_the_truth_at_the_size_it_names():
    """Of one size by name, of the largest without; a number, and another size, can be right."""
    rows = frame_of(
        estimates("ksg-3", "two-pair-25", 500, [0.2, 0.3, 0.25]),
        estimates("ksg-3", "two-pair-25", 2000, [0.9, 1.0, 0.95]),
        estimates("cca", "two-pair-25", 2000, [1.5, 1.6, 1.4]),
    )
    ksg = {"estimator": "ksg-3"}
    made = [
        {"id": "largest", "left": ksg, "margin": 0.5, "tasks": ["two-pair-25"]},
        {"id": "small", "left": {**ksg, "size": 500}, "margin": 1.0, "tasks": ["two-pair-25"]},
        {"id": "right", "left": {"estimator": "cca"}, "is": "within", "margin": 0.3},
        {"id": "grows", "left": ksg, "is": "above", "right": {"size": 500}, "margin": 0.5},
    ]
    suite = of_estimators(*made)
    found = claims(complete(rows, suite), suite).set_index(["id", "task"])
    here = found.xs("two-pair-25", level="task")
    assert here["effect"].to_dict() == pytest.approx(
        {"largest": -0.55, "small": -1.25, "right": 0.0, "grows": 0.7}
    )
    assert here["verdict"].to_dict() == {
        "largest": "undecided",  # -.55 -+ .124 reaches over the margin
        "small": "holds",
        "right": "holds",
        "grows": "holds",
    }
    assert (here["n"] == 3).all() and (here["unit"] == "nats").all()
    assert here.loc["small", "comparison"] == (
        "I(x; y) of KSG-1, k = 3 from 500 samples is more than 1 nats below the truth"
    )
    assert here.loc["grows", "comparison"].endswith("above that of KSG-1, k = 3 from 500 samples")
    elsewhere = found.loc[("right", "two-pair-3")]
    assert elsewhere["note"] == "no seed has a number on each side: no record was written"


def test_a_claim_on_a_truth_that_is_not_known_is_undecided():
    rows = frame_of(rows_of("ksg-3", [1.0, 2.0, 3.0], "two-pair-3", "information", size=2000))
    suite = of_estimators({"left": {"estimator": "ksg-3"}, "tasks": ["two-pair-3"]})
    (row,) = claims(rows, suite).to_dict("records")
    assert (row["verdict"], row["n"], row["note"]) == ("undecided", 0, "the truth is not known")


def test_a_suite_without_claims_has_none():
    assert claims(frame_of(rows_of("a", [1.0])), make_suite()).empty


def test_a_seed_that_wrote_nothing_is_told():
    suite = make_suite({}, seeds=2)
    rows = frame_of(rows_of("a", [1.0, 2.0]), rows_of("b", [1.0, 2.0], measure="elbo"))
    (row,) = claims(complete(rows, suite), suite).to_dict("records")
    assert row["note"] == "no seed has a number on each side: no record was written"


# --- the words


@pytest.mark.parametrize(
    ("relation", "margin", "right", "words"),
    [
        ("above", 0, RIGHT, "MIG of a is above that of b"),
        ("above", 0.1, RIGHT, "MIG of a is more than 0.1 nats above that of b"),
        ("above", -0.1, RIGHT, "MIG of a is not more than 0.1 nats below that of b"),
        ("below", 0, 0.5, "MIG of a is below 0.5 nats"),
        ("below", 0.1, {**LEFT, "metric": "elbo"}, "is more than 0.1 nats below its log p(x)"),
        ("below", -0.1, {**RIGHT, "metric": "elbo"}, "not more than 0.1 nats above log p(x) ≥, E"),
        ("within", 0.1, RIGHT, "MIG of a is within 0.1 nats of that of b"),
        ("within", 0, -2.0, "MIG of a equals \N{MINUS SIGN}2 nats"),
    ],
)
def test_a_comparison_in_words(relation, margin, right, words):
    suite = make_suite({"is": relation, "right": right, "margin": margin})
    assert words in compared(suite.claims[0], suite, "nats")


def test_an_effect_has_two_digits_of_the_width_of_its_interval():
    row = {"effect": 1.23456, "low": 1.1999, "high": 1.2692, "n": 5}
    assert effect(row) == "1.235 [1.200, 1.269]"
    assert effect({**row, "low": NAN, "high": NAN, "n": 1}) == "1.23"
    assert effect({**row, "n": 0}) == ""


def test_markdown_is_escaped_and_its_rows_have_one_width():
    rows = [rows_of(m, v, d) for d in ("d_1", "e") for m, v in (("a", [2, 2.1]), ("b", [1, 1.0]))]
    made = [
        {"sentence": "a|b_c <i>\n`x`", "published": 0.7, "source": "*us*"},
        {"id": "two", "datasets": ["e"], "left": {"model": "a", "metric": "mig/x|y"}},
    ]
    suite = make_suite(*made, datasets=("d_1", "e"))
    text = document(claims(frame_of(*rows), suite), suite)
    assert r"a\|b\_c \<i\> \`x\`" in text and r"\*us\*" in text and "| 0.7 |" in text
    assert text.startswith(r"# Claims: Claims \| to try") and "| unknown |" in text
    assert r"1. no records of MIG, x\|y of a" in text and "Holm's method" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


# --- the files and the page


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claims")
    draw = np.random.default_rng(0)
    rows = [
        row
        for dataset in ("d", "e")
        for model, level in (("a", 0.2), ("b", 0.6))
        for row in rows_of(model, level + 0.02 * draw.normal(size=5), dataset)
    ]
    write(rows, folder / "records.csv")
    made = [
        {"id": "below", "sentence": "A <b> & better.", "is": "below", "margin": 0.1},
        {"id": "above", "source": "https://example.org/paper", "published": 0.42},
        {"id": "unseen", "left": {"model": "a", "metric": "mig/part"}, "datasets": ["d"]},
    ]
    report(make_suite(*made, datasets=("d", "e"), metrics=("mig",)), folder)
    return folder


def test_the_table_holds_the_claims_and_every_digit(results):
    table = pd.read_csv(results / "tables" / "claims.csv")
    records = pd.read_csv(results / "records.csv").pivot_table(
        index=["task", "seed"], columns="method", values="value"
    )
    assert table["verdict"].tolist() == ["holds", "holds", "fails", "fails", "undecided"]
    truth = (records["a"] - records["b"]).groupby("task").mean()
    np.testing.assert_allclose(table["effect"][:2], truth, rtol=1e-12)
    assert table["n"].tolist() == [5, 5, 5, 5, 0]


def test_the_page_shows_the_claims_before_the_figures(results):
    html = (results / "report.html").read_text()
    section = html[html.index('id="claims"') : html.index('id="figures"')]
    assert '<a href="#claims">' in html[: html.index("<main>")]
    assert "Of 3 claims, 1 holds, 1 fails and 1 is undecided." in section
    assert "Adjusted for 4 comparisons, 1 holds, 1 fails and 1 is undecided." in section
    items = re.findall(r'<li id="claim-(\w+)">(.*?)</li>', section, re.S)
    assert [name for name, _ in items] == ["below", "above", "unseen"]
    below, above, unseen = (item for _, item in items)
    assert below.count(">holds</b>") == 2 and "A &lt;b&gt; &amp; better." in below
    assert above.count(">fails</b>") == 2 and "Published: 0.42" in above
    assert 'href="https://example.org/paper"' in above
    assert ">undecided</b>" in unseen and "no records of MIG, part of a" in unseen
    table = pd.read_csv(results / "tables" / "claims.csv")
    shown = re.findall(r"</b> \N{MINUS SIGN}([\d.]+) <small>\[\N{MINUS SIGN}", below)
    assert [float(number) for number in shown] == pytest.approx(-table["effect"][:2], abs=0.005)


def test_the_file_says_the_same(results):
    text = (results / "claims.md").read_text()
    assert "Of 3 claims, 1 holds, 1 fails and 1 is undecided." in text
    assert text.count("holds, -0.") == 2 and "A \\<b\\> \\& better." in text


def test_no_claims_no_file_and_no_section(results, tmp_path):
    write(rows_of("a", [1.0, 2.0]), tmp_path / "records.csv")
    (tmp_path / "claims.md").write_text("of an earlier run")
    report(make_suite(seeds=2, metrics=("mig",)), tmp_path)
    assert not (tmp_path / "claims.md").exists()
    assert not (tmp_path / "tables" / "claims.csv").exists()
    assert "claims" not in re.sub(
        r"<style>.*?</style>", "", (tmp_path / "report.html").read_text(), flags=re.S
    )
