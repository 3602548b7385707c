"""The report: its numbers are those of the records, and its page reads well anywhere."""

import csv
import itertools
import json
import platform
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vmi.errors import UserError
from vmi.estimate import Estimate
from vmi.pictures import PICTURES
from vmi.records import COLUMNS, Place, Record, read, write
from vmi.report import headline_text, print_headline, report, tables, writers
from vmi.report.blocks import Plot
from vmi.report.build import part_of, sections
from vmi.report.manifest import manifest, measuring_seconds
from vmi.report.numbers import Numbers
from vmi.report.page import environment
from vmi.report.parts.numbers import by_heading
from vmi.report.parts.pictures import galleries
from vmi.report.parts.troubles import troubles
from vmi.report.style import looks, save
from vmi.report.summary import CELL, complete, summarise
from vmi.stages.where import Where
from vmi.statistics import interval
from vmi.suites.file import check_names
from vmi.suites.kinds import KINDS
from vmi.suites.suite import Suite

MODELS = ("vae", "beta-vae-4", "info-vae", "vmi-vae")
STRANGE = "my_package.my_models-MyVAE"
NO_FACTORS = "this data set has no factors of variation"
BROKEN = "RuntimeError: the loss is not finite at step 120"
LN_K, LN_N = float(np.log(256)), float(np.log(10000))


def entry(name):
    """Returns what a suite says of a model: a registered name, or a name of the user's own."""
    return name if name in MODELS else {"name": name, "model": "my_package.my_models:MyVAE"}


def make_suite(models=MODELS, datasets=("dsprites", "mnist"), seeds=5, given="", **more):
    """Creates a suite."""
    known = {
        "title": "A small demonstration",
        "description": "Four models & two data sets, <small> enough to read.",
        "datasets": list(datasets),
        "models": list(map(entry, models)),
        "pictures": ["samples", "reconstructions", "grid-3", "my_file:own", "classes"],
        "seeds": list(range(seeds)),
        "metrics": [
            "mig",
            "active-units",
            "accuracy-majority",
            "information-categorical",
            "information",
            "vmi-bound",
            "elbo",
            "iwae-100",
            "my_file:my_metric",
        ],
    }
    return Suite("demo", known | more, given)


def numbers_of(suite, rows, folder=Path("nowhere")):
    """Returns the numbers of a report of some rows."""
    return Numbers(suite, Where(folder), frame_of(rows))


def estimates(draw, level, has_factors):
    """Yields measure, value, unit, bound, ceiling of one trained model."""
    rate = 8 + 2 * level + draw.normal(0, 0.4)
    distortion = 75 - 3 * level + draw.normal(0, 0.6)
    truth = rate - 0.5 - abs(draw.normal(0, 0.2))
    mig = draw.uniform(0.05, 0.35) if has_factors else NO_FACTORS
    yield "mig", mig, "", "", 1.0
    yield "active-units", float(draw.integers(6, 12)), "", "", np.nan
    yield "accuracy-majority", 0.5 + 0.08 * level + draw.normal(0, 0.01), "", "", 1.0
    yield "information-categorical", 1.2 + draw.normal(0, 0.05), "nats", "exact", np.log(10)
    yield "information", min(truth, LN_N), "nats", "", LN_N
    yield "information/infonce", min(truth, LN_K) - 0.3, "nats", "lower", LN_K
    yield "information/rate", rate, "nats", "upper", np.nan
    yield "vmi-bound", 2.2 + 0.5 * level + draw.normal(0, 0.2), "nats", "lower", np.nan
    yield "vmi-bound/categorical", 1.1 + draw.normal(0, 0.1), "nats", "lower", np.log(10)
    yield "vmi-bound/gaussian", 1.1 + draw.normal(0, 0.1), "nats", "lower", np.nan
    yield "vmi-bound/entropy", 2.28 + draw.normal(0, 0.01), "nats", "", np.nan
    yield "elbo", -rate - distortion, "nats", "lower", np.nan
    yield "elbo/distortion", distortion, "nats", "", np.nan
    yield "elbo/rate", rate, "nats", "", np.nan
    yield "iwae-100", -rate - distortion + 4 + draw.normal(0, 0.1), "nats", "lower", np.nan
    yield "iwae-100/ess", draw.uniform(3, 20), "", "", 100.0
    yield "my_metric", draw.normal(0, 1e-4), "", "", np.nan


def make_records(suite, *, broken=("info-vae",), failed=(("beta-vae-4", 3),), seed=0):
    """Creates realistic rows: some models wholly broken, some seeds failed, the rest numbers."""
    draw = np.random.default_rng(seed)
    rows = []
    for i, task in enumerate(suite.tasks):
        for level, method in enumerate(suite.methods):
            for k in suite.seeds:
                place = Place(suite.name, task, method, seed=k)
                if (method in broken and i == 0) or (method, k) in failed:
                    made = Estimate.failed(BROKEN)
                    rows += [Record.of(place, m, made) for m in suite.rows_of("measures")]
                    continue
                for measure, value, unit, bound, ceiling in estimates(draw, level % 6, i == 0):
                    about = {"bound": bound, "ceiling": ceiling, "stderr": 0.01, "n": 10000}
                    if isinstance(value, str):
                        made = Estimate.not_applicable(value, **about)
                    else:
                        made = Estimate(value, unit=unit, **about)
                    more = {"binarisation": "static", "seconds": 2.0}
                    rows.append(Record.of(place, measure, made, **more))
    return rows


def frame_of(rows):
    """Returns rows as the frame that reading their file would give."""
    return pd.DataFrame([vars(row) for row in rows], columns=list(COLUMNS))


def record(method, seed, measure, value, task="dsprites", **about):
    """Returns one row."""
    return Record("s", task, method, "", 0, seed, measure, value, **about)


def make_history(suite):
    """Creates training curves; the last model has a term that the others lack."""
    draw = np.random.default_rng(1)
    rows = []
    for dataset in suite.tasks:
        for level, model in enumerate(suite.methods):
            terms = {"loss": 90.0, "distortion": 80.0 - level, "rate": 8.0 + 2 * level}
            if model == list(suite.methods)[-1]:
                terms["bound"] = 3.0
            for k in suite.seeds:
                for step in range(0, 2001, 40):
                    fall = 5 * np.exp(-step / 150)
                    rows += [
                        (
                            dataset,
                            model,
                            k,
                            step,
                            t,
                            v * (1 + (fall if v > 20 else -fall / 5)) + draw.normal(0, 0.02 * v),
                        )
                        for t, v in terms.items()
                    ]
    return pd.DataFrame(rows, columns=["task", "method", "seed", "step", "term", "value"])


def make_results(folder, suite, **kwargs):
    """Writes a results folder as the stages of a suite do."""
    write(make_records(suite, **kwargs), folder / "records.csv")
    make_history(suite).to_csv(folder / "history.csv", index=False)
    for dataset in suite.tasks:
        make_dataset(folder, dataset)
        for model in suite.methods:
            cell = Where(folder).cell(dataset, model, "0-4")
            make_training(cell.status, suite)
            make_pictures(cell.pictures)
    return folder


def make_dataset(folder, name):
    """Writes the description of a data set."""
    facts = {
        "name": name,
        "shape": [1, 28, 28],
        "train": 60000,
        "evaluation": 10000,
        "factors": {"shape": 3, "scale": 6} if name == "dsprites" else {},
        "binarisation": "static",
        "source": "https://example.org/<data>",
    }
    path = folder / "data" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts))


def make_training(path, suite):
    """Writes what became of a cohort."""
    path.parent.mkdir(parents=True)
    rows = [(k, 2000, 3.5, "loop", "") for k in suite.seeds]
    frame = pd.DataFrame(rows, columns=["seed", "steps", "seconds", "engine", "error"])
    frame.to_csv(path, index=False)


def make_pictures(folder):
    """Writes the pictures of a model."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(2)
    for name in ("reconstructions", "samples", "grid-3", "own"):
        coarse = draw.integers(0, 255, (31, 31), dtype=np.uint8)
        Image.fromarray(coarse).resize((242, 242)).convert("RGB").save(folder / f"{name}.png")
    (folder / "classes.txt").write_text("<no> category\n")


def make_claims(datasets):
    """Creates claims with short and long words, on one data set and on all."""
    about = {"source": "the abstract, https://example.org/paper", "published": "unknown"}
    about |= {"margin": 0.1, "datasets": datasets, "sentence": "The term raises the bound."}
    bound = {"model": "vmi-vae", "metric": "vmi-bound/categorical"}
    strange = {"model": STRANGE, "metric": "information-categorical"}
    return [
        {**about, "id": "bound", "left": bound, "is": "above", "right": {**bound, "model": "vae"}},
        {**about, "id": "same", "left": strange, "is": "within", "right": bound},
        {**about, "id": "broken", "left": {**bound, "model": "info-vae"}, "is": "below", "right": 1}
        | {"datasets": datasets[:1]},
    ]


@pytest.fixture(scope="module")
def suite():
    names = ("dsprites", "mnist")
    return make_suite(models=[*MODELS, STRANGE], claims=make_claims(list(names)))


@pytest.fixture(scope="module")
def results(tmp_path_factory, suite):
    folder = make_results(tmp_path_factory.mktemp("results"), suite)
    report(suite, folder)
    return folder


@pytest.fixture(scope="module")
def records(results):
    return read(results / "records.csv")


@pytest.fixture(scope="module")
def numbers(records, suite, results):
    return Numbers(suite, Where(results), records)


@pytest.fixture(scope="module")
def summary(numbers):
    return numbers.summary


@pytest.fixture(scope="module")
def headline(numbers):
    return tables.table(numbers, numbers.summary, numbers.headline, "Head & {line_}")


@pytest.fixture(scope="module")
def html(results):
    return (results / "report.html").read_text()


def cell_of(table, numbers, task, method, measure):
    """Returns the cell of a table by names; the table's first two columns are labels."""
    column, name = 2 + table.measures.index(measure), numbers.name("methods", method)
    (row,) = [r for r in table.rows if (r[0].text, r[1].text) == (task, name)]
    return row[column]


def section(html, name):
    """Returns a section of the page."""
    return re.search(rf'<section id="{name}">.*?</section>', html, re.S)[0]


# --- statistics


def test_summary_is_that_of_the_records(records, summary):
    groups = records[records["state"] == "value"].groupby(CELL)["value"]
    for row in summary[summary["n"] > 0].itertuples():
        values = groups.get_group(tuple(getattr(row, key) for key in CELL)).to_numpy()
        assert row.n == len(values)
        assert row.mean == pytest.approx(values.mean(), rel=1e-12, abs=1e-15)
        assert row.low <= row.mean <= row.high
        assert row.spread == pytest.approx(values.std(ddof=1), rel=1e-12, abs=1e-15)
    assert set(zip(*(summary[c] for c in CELL), strict=True)) >= set(
        zip(*(records[c] for c in CELL), strict=True)
    )


def test_error_bar_is_not_the_estimators_own(records):
    other = records.assign(stderr=99.0)
    pd.testing.assert_frame_equal(summarise(records), summarise(other))


def test_states_and_warnings_are_counted_and_their_reasons_kept():
    rows = [
        record("m", 0, "mig", 1.0, truth=1.5, warning="few images"),
        record("m", 1, "mig", np.nan, state="failed", error="not applicable: it broke"),
        record("m", 2, "mig", np.nan, state="not applicable", error="no factors"),
        record("m", 3, "mig", 2.0, truth=1.5, warning="few images"),
    ]
    (cell,) = summarise(frame_of(rows)).to_dict("records")
    assert (cell["n"], cell["failed"], cell["inapplicable"], cell["warned"]) == (2, 1, 1, 2)
    assert (cell["failure"], cell["exclusion"]) == ("not applicable: it broke", "no factors")
    assert (cell["warning"], cell["bias"], cell["mean"]) == ("few images", 0.0, 1.5)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number_failed(value):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1, metrics=["mig"])
    (row,) = complete(frame_of([record("vae", 0, "mig", value)]), suite).to_dict("records")
    assert (row["state"], row["error"]) == ("failed", "the number is not finite")


@pytest.mark.parametrize("make", [summarise, lambda frame: complete(frame, make_suite())])
def test_two_records_of_one_seed_are_never_averaged(make):
    rows = [record("vae", k, "mig", v) for k, v in ((0, 1), (3, 1), (3, 2))]
    with pytest.raises(ValueError, match="of task dsprites, method vae, size 0, measure mig, see"):
        make(frame_of(rows))


def test_missing_records_become_failures():
    suite = make_suite(models=["vae", "ghost"], datasets=["dsprites"], seeds=2)
    rows = [r for r in make_records(suite) if r.method == "vae"]
    summary = numbers_of(suite, rows).summary.set_index(CELL)
    ghost = summary.loc[("dsprites", "ghost", "", 0, "mig")]
    assert (ghost["n"], ghost["failed"], ghost["failure"]) == (0, 2, "no record was written")
    assert summary.loc[("dsprites", "ghost", "", 0, "information/rate")]["failed"] == 2


def test_a_metric_given_by_its_file_is_found_under_its_name():
    about = {"datasets": ["dsprites"], "seeds": 1, "metrics": ["mig", "my_file:my_metric"]}
    suite = make_suite(models=["vae"], **about)
    rows = [record("vae", 0, name, 1.0) for name in ("mig", "my_metric")]
    assert complete(frame_of(rows), suite)["measure"].tolist() == ["mig", "my_metric"]


# --- tables


def test_headline_cells_hold_the_numbers_of_the_records(records, numbers, headline):
    good = records[records["state"] == "value"]
    seen = 0
    for keys, values in good.groupby(["task", "method", "measure"])["value"]:
        if keys[2] not in headline.measures:
            continue
        shown = re.findall(r"-?\d+\.?\d*", cell_of(headline, numbers, *keys).text)
        places = len(shown[0].partition(".")[2])
        low, high = interval(values.to_numpy())
        assert shown == [f"{v:.{places}f}" for v in (values.mean(), low, high)]
        seen += 1
    assert seen > 30


@pytest.mark.parametrize(
    ("settings", "measures"),
    [
        ({"metrics": ["mig", "elbo", "iwae-9"]}, ["mig", "elbo", "iwae-9"]),
        ({"metrics": ["ari", "mig", "elbo"]}, ["mig", "elbo"]),
        ({"metrics": ["ari", "mig"], "headline": ["ari"]}, ["ari"]),
        ({"metrics": ["elbo", "mig"], "headline": ["mig", "elbo/rate"]}, ["mig", "elbo/rate"]),
        ({"metrics": ["nmi", "ari"]}, ["nmi", "ari"]),
        ({"metrics": ["my_file:my_metric", "mig"], "headline": ["my_metric"]}, ["my_metric"]),
        ({"metrics": ["a:mine", "mig"], "headline": ["a:mine"]}, ["mine"]),
    ],
)
def test_headline_is_what_the_suite_or_the_cards_say(settings, measures):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1, **settings)
    names = {*suite.rows_of("measures"), *measures}
    found = numbers_of(suite, [record("vae", 0, name, 1.0) for name in sorted(names)])
    assert found.headline == measures


def test_headline_of_what_the_suite_does_not_measure_is_refused():
    check_names(make_suite(headline=["mig", "elbo/rate", "my_metric"]))
    with pytest.raises(UserError, match=r"metric of this suite, in its headline: 'migg'.*'mig'"):
        check_names(make_suite(headline=["migg"]))


def test_best_mean_is_bold_only_where_a_direction_exists(numbers, summary, headline):
    best = {m: [r[2 + i].best for r in headline.rows] for i, m in enumerate(headline.measures)}
    assert not any(best["information"])
    assert sum(best["iwae-100"]) == 2
    rows = summary[(summary["task"] == "mnist") & (summary["measure"] == "iwae-100")]
    winner = rows.loc[rows["mean"].idxmax(), "method"]
    assert cell_of(headline, numbers, "mnist", winner, "iwae-100").best


def test_least_is_best_where_less_is_better(numbers, summary):
    table = tables.table(numbers, summary, ["elbo/distortion"], "t")
    rows = summary[(summary["task"] == "mnist") & (summary["measure"] == "elbo/distortion")]
    winner = rows.loc[rows["mean"].idxmin(), "method"]
    assert cell_of(table, numbers, "mnist", winner, "elbo/distortion").best


def test_cells_without_a_number_say_why(numbers, headline):
    failed = cell_of(headline, numbers, "dsprites", "info-vae", "mig")
    absent = cell_of(headline, numbers, "mnist", "vae", "mig")
    partial = cell_of(headline, numbers, "dsprites", "beta-vae-4", "mig")
    assert failed.text == "failed (5 of 5)"
    assert headline.notes[failed.notes[0] - 1] == BROKEN
    assert absent.text == "\N{EN DASH}"
    assert headline.notes[absent.notes[0] - 1] == f"not applicable: {NO_FACTORS}"
    assert headline.notes[partial.notes[0] - 1] == f"1 of 5 seeds left no number: {BROKEN}"


def test_one_seed_prints_no_interval():
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1)
    found = numbers_of(suite, make_records(suite))
    table = tables.table(found, found.summary, ["mig"], "t")
    assert "[" not in cell_of(table, found, "dsprites", "vae", "mig").text


def test_sizes_are_rows_of_a_table_and_the_best_is_that_of_its_size():
    about = {"tasks": ["normal"], "estimators": ["ksg-3", "cca"], "sizes": [50, 2000], "seeds": [0]}
    suite = Suite("s", {"title": "T", **about})
    rows = [
        Record("s", "normal", method, "", size, 0, "information", value)
        for method, size, value in (("ksg-3", 50, 1.0), ("cca", 50, 3.0), ("ksg-3", 2000, 2.0))
    ]
    found = numbers_of(suite, rows)
    table = tables.table(found, found.summary, ["information"], "t")
    assert table.head == ["task", "estimator", "samples", "I(x; y) [nats]", "n"]
    assert [[c.text for c in row] for row in table.rows] == [
        ["normal", "KSG-1, k = 3", "50", "1.00", "1"],
        ["normal", "CCA", "50", "3.00", "1"],
        ["normal", "KSG-1, k = 3", "2,000", "2.00", "1"],
        ["normal", "CCA", "2,000", "failed (1 of 1)", "0"],
    ]


@pytest.mark.parametrize(
    ("mean", "low", "high", "places"),
    [
        (0.2, 0.12, 0.26, 2),
        (-78.9, -79.7, -78.2, 1),
        (1234.0, 1200.0, 1260.0, 0),
        (9.21, 9.21, 9.21, 2),
        (1e-5, -8e-5, 7e-5, 5),
        (0.0, 0.0, 0.0, 2),
    ],
)
def test_digits_follow_the_width_of_the_interval(mean, low, high, places):
    assert tables.decimals(pd.DataFrame({"mean": [mean], "low": [low], "high": [high]})) == places


def test_headings_hold_every_measure_once(numbers, summary):
    made = [measure for table in by_heading(numbers) for measure in table.measures]
    assert sorted(made) == sorted(summary["measure"].unique())


def test_markdown_escapes():
    assert writers.escape_markdown("a|b_c*<i>\n`") == r"a\|b\_c\*\<i\> \`"


def test_latex_escapes():
    assert writers.escape_latex(r"50% & a_b #1 {x} \y ~^$") == (
        r"50\% \& a\_b \#1 \{x\} \textbackslash{}y \textasciitilde{}\textasciicircum{}\$"
    )
    assert writers.escape_latex("beta-vae-4: -1.5 [-2, -1]") == "beta-vae-4: $-$1.5 [$-$2, $-$1]"


@pytest.mark.parametrize("write_table", [writers.markdown, writers.latex, writers.plain])
def test_writers_write_every_row(headline, write_table):
    text = write_table(headline)
    assert sum("dsprites" in line for line in text.splitlines()) == 5
    assert "0.0 " not in text and "nan" not in text


def test_markdown_rows_have_one_width(headline):
    lines = writers.markdown(headline).splitlines()
    bars = {len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")}
    assert len(bars) == 1


def test_latex_has_balanced_braces_and_environments(headline):
    text = writers.latex(headline)
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert re.findall(r"\\begin{(\w+)}", text) == re.findall(r"\\end{(\w+)}", text)[::-1]
    assert re.search(r"(?<!\\)[%#]", text) is None


def test_csv_holds_every_digit(results, summary):
    with (results / "tables" / "complete.csv").open() as file:
        again = list(csv.DictReader(file))
    for name in ("mean", "low", "high"):
        values = [float(row[name] or "nan") for row in again]
        np.testing.assert_array_equal(values, summary[name])


# --- names


def test_names_are_those_of_the_cards_or_the_raw_ones():
    metrics = ["iwae", "iwae-5000", "vmi-bound-20", "elbo", "my_file:my_metric-3", "mig"]
    suite = make_suite(models=["beta-vae-4", "ghost"], metrics=metrics)
    found = {m: suite.card("measures", m) for m in [*suite.rows_of("measures"), "iwae/ess"]}
    assert found["my_metric-3"].name == "my_metric-3" and found["my_metric-3"].better == ""
    assert found["iwae"].name == "log p(x) ≥, IWAE k = 100"
    assert found["iwae-5000"].name == "log p(x) ≥, IWAE k = 5000"
    assert found["iwae-5000"].better == "up" and found["vmi-bound-20"].better == ""
    assert found["iwae/ess"].name == "effective samples, IWAE k = 100"
    assert suite.card("measures", "iwae-5000/ess").name == "effective samples, IWAE k = 5000"
    entropy = suite.card("measures", "vmi-bound-20/entropy")
    assert entropy.name == "VMI bound, entropy of the code (20)"
    assert suite.card("measures", "elbo/distortion").better == "down"
    assert suite.card("measures", "mig/strange").name == "MIG, strange"
    assert suite.card("methods", "beta-vae-4").name == "β-VAE (β = 4)"
    assert suite.card("methods", "ghost").name == "ghost"


@pytest.mark.parametrize("kind", KINDS)
def test_every_measure_and_method_says_all_of_itself(kind):
    methods, measures = KINDS[kind].method.registry, KINDS[kind].measures
    for registry in (methods, measures, PICTURES):
        for name, card in registry.items():
            assert card.name and card.reading.endswith("."), name
        assert len({card.name for card in registry.values()}) == len(registry)
    if KINDS[kind].metrics:  # where a suite chooses among them they stand under headings
        assert all(card.heading for card in measures.values())


# --- figures


@pytest.mark.parametrize("models", [1, 12])
def test_every_figure_is_plotted(tmp_path, models):
    known = [*MODELS, *(f"my_package.my_module-AVeryLongName{i}" for i in range(8))][:models]
    suite = make_suite(models=known, datasets=["dsprites"], seeds=2)
    make_history(suite).to_csv(tmp_path / "history.csv", index=False)
    found = sections(numbers_of(suite, make_records(suite), tmp_path))
    plots = [b for each in found for b in each.blocks if isinstance(b, Plot)]
    assert [plot.stem for plot in plots] == [
        "scores",
        "scores-further",
        "bracket-information",
        "rate-distortion",
        "training",
    ]
    for plot in plots:
        save(plot.make(), tmp_path / plot.stem)
        assert (tmp_path / f"{plot.stem}.png").stat().st_size > 5000
        assert (tmp_path / f"{plot.stem}.svg").read_text().rstrip().endswith("</svg>")


def test_terms_of_training_are_named_by_the_cards_of_the_models():
    suite = make_suite(models=["ghost", "info-vae"])
    found = numbers_of(suite, [])
    assert found.term("loss") == "loss [nats]" and found.term("mmd") == "MMD²"
    assert found.term("missing_gaussian") == "missing_gaussian"  # no model here has it


def test_every_model_has_its_own_look():
    found = looks({f"m{i}": "M" for i in range(12)})
    assert len(set(found.values())) == 12 and len({own.colour for own in found.values()}) == 12
    assert looks({"a": "A", "b": "B"})["a"] == looks({"a": "A", "c": "C", "d": "D"})["a"]


# --- manifest


def test_seconds_of_parts_count_once():
    rows = [
        record("m", k, measure, 1.0, seconds=2.0)
        for k in (0, 1)
        for measure in ("elbo", "elbo/rate", "elbo/distortion", "mig")
    ]
    assert measuring_seconds(frame_of(rows)) == 8.0


def test_manifest_names_the_suite_as_it_was_given():
    suite = make_suite(given="my suites/own.yaml")
    made = manifest(numbers_of(suite, make_records(suite)))
    assert made["suite"] == "demo"
    assert made["again"] == "vmi run 'my suites/own.yaml'"


def test_manifest_says_what_made_it(results, suite):
    made = json.loads((results / "manifest.json").read_text())
    assert made["again"] == "vmi run demo"
    assert made["seconds"]["training"] == 3.5 * 5 * len(suite.methods) * 2
    assert made["seconds"]["measuring"] > 0 and made["engines"] == ["loop"]
    assert made["models"] == list(suite.methods) and made["datasets"] == list(suite.tasks)
    assert made["versions"]["numpy"] == np.__version__
    assert set(made["git"]) == {"commit", "dirty"}
    words = re.split(r"[^\w.-]+", json.dumps(made))
    assert str(Path.cwd()) not in json.dumps(made) and platform.node() not in words


# --- the page


class Page(HTMLParser):
    """Collects what a test wants to know of a page: its tags, and the rows of its tables."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.rows, self.cell = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.cell = self.rows[-1]

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[-1] += data


def test_page_holds_every_number_of_the_complete_tables(html, numbers):
    rows = {tuple(cell.strip() for cell in row) for row in Page(html).rows}
    for table in by_heading(numbers):
        for row in table.rows:
            texts = [c.text + "".join(map(str, c.notes)) for c in row]
            minus = [
                t if i < 2 else re.sub(r"-(?=\d)", "\N{MINUS SIGN}", t) for i, t in enumerate(texts)
            ]
            assert tuple(minus) in rows


def test_page_numbers_are_those_of_the_records(html, records, numbers):
    """Reads the headline off the page and computes the same means from the file alone."""
    shown, suite = section(html, "headline"), numbers.suite
    for task in suite.tasks:
        part = shown[shown.index(f"<h3>{task}</h3>") :]
        rows = {row[0]: row for row in Page(part[: part.index("</table>")]).rows}
        names = {method: numbers.name("methods", method) for method in suite.methods}
        assert set(rows) == {"model", *names.values()}
        column = 1 + numbers.headline.index("iwae-100")
        cells = records[(records["task"] == task) & (records["measure"] == "iwae-100")]
        for method, values in cells.groupby("method")["value"]:
            text = rows[names[method]][column].replace("\N{MINUS SIGN}", "-")
            if np.isnan(values).all():
                assert text.startswith("failed (5 of 5)")
            else:
                assert float(text.split()[0]) == pytest.approx(values.mean(), abs=0.051)


def test_page_refers_to_nothing_outside_and_runs_nothing(html):
    page = Page(html)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not attributes.get("src", "data:").startswith(("http", "//", "file"))
        if tag != "a":
            assert "href" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(" not in html and "@import" not in html


def test_page_has_alternatives_and_no_markup_from_names(html):
    images = [attributes for tag, attributes in Page(html).tags if tag == "img"]
    assert len(images) > 20 and all(image["alt"] for image in images)
    assert "&lt;small&gt; enough" in html and "&lt;data&gt;" in html
    assert re.sub(r"([_.-])", r"\1<wbr>", STRANGE) in html


def test_page_shows_the_pictures_and_the_models_in_the_suites_order(html, numbers):
    shown = section(html, "pictures")
    names = ["Samples from the prior", "Reconstructions", "Gaussian dimensions 0 and 1, −3 to 3"]
    assert re.findall("<summary>(.*)</summary>", shown) == [*names, "own"] * 2
    alts = [attributes["alt"] for tag, attributes in Page(shown).tags if tag == "img"]
    models = [numbers.name("methods", method) for method in numbers.suite.methods]
    assert alts[: len(models)] == [f"{names[0]} of {model} on dsprites" for model in models]
    assert "Decoded draws of the prior" in shown


def test_page_says_why_a_picture_is_not_there(tmp_path):
    suite = make_suite(models=["vae", "beta-vae-4", "info-vae"], datasets=["mnist"], seeds=1)
    make_results(tmp_path, suite)
    beta, info = (
        Where(tmp_path).cell("mnist", model, "0-4").pictures for model in ("beta-vae-4", "info-vae")
    )
    (beta / "grid-3.png").unlink()
    (beta / "grid-3.txt").write_text("<one> dimension\n")
    (info / "grid-3.png").unlink()
    gallery = galleries(numbers_of(suite, [], tmp_path))["mnist"][2]
    found = [(model, path is None, why) for model, path, why in gallery.shown]
    missing = ("β-VAE (β = 4)", True, "<one> dimension")
    assert found == [("VAE", False, ""), missing, ("InfoVAE", True, "")]
    report(suite, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert page.count("no picture: &lt;one&gt; dimension</div>") == 1
    assert page.count("no picture</div>") == 1


def test_pictures_are_those_of_the_cohort_of_the_first_seed(tmp_path):
    suite = make_suite(models=["vae"], datasets=["mnist"], seeds=2, pictures=["samples"])
    make_pictures(Where(tmp_path).cell("mnist", "vae", "1").pictures)
    assert galleries(numbers_of(suite, [], tmp_path)) == {}
    first = Where(tmp_path).cell("mnist", "vae", "0").pictures
    make_pictures(first)
    (gallery,) = galleries(numbers_of(suite, [], tmp_path))["mnist"]
    assert gallery.shown == [("VAE", first / "samples.png", "")]


@pytest.mark.parametrize(("models", "folded"), [(6, False), (7, True), (22, True)])
def test_pictures_of_many_models_are_folded_away(tmp_path, models, folded):
    suite = make_suite(models=[f"m{i}" for i in range(models)], datasets=["mnist"])
    make_pictures(Where(tmp_path).cell("mnist", "m0", "0-4").pictures)
    found = galleries(numbers_of(suite, [], tmp_path))
    assert [gallery.folded for gallery in found["mnist"]] == [folded] * 4
    template = environment().from_string('{% from "macros.html" import show %}{{ show(g) }}')
    assert (" open>" in template.render(g=found["mnist"][0])) is not folded


def test_page_says_failures_and_gaps(html):
    rows = [[cell.strip() for cell in row] for row in Page(section(html, "failures-and-gaps")).rows]
    assert ["mnist", "VAE", "0, 1, 2, 3, 4", "MIG", NO_FACTORS] in rows
    (failed,) = [r for r in rows if r[:2] == ["dsprites", "InfoVAE"]]
    assert failed[2:] == ["0, 1, 2, 3, 4", "every metric", BROKEN]


def test_table_of_troubles_has_a_row_for_each_task(results):
    table = pd.read_csv(results / "tables" / "troubles.csv")
    broken = table[table["reason"] == BROKEN][["task", "method", "seeds"]].to_numpy().tolist()
    assert broken == [
        ["dsprites", "beta-vae-4", "3"],
        ["dsprites", "info-vae", "0, 1, 2, 3, 4"],
        ["mnist", "beta-vae-4", "3"],
    ]


def test_a_training_that_failed_is_a_trouble(tmp_path):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=2, metrics=["mig"])
    status = Where(tmp_path).cell("dsprites", "vae", "0-4").status
    status.parent.mkdir(parents=True)
    rows = ["0,9,1.5,loop,", "1,3,1.5,loop,it broke", "4,3,1.5,loop,of an earlier run"]
    status.write_text("\n".join(["seed,steps,seconds,engine,error", *rows]))
    found = troubles(numbers_of(suite, [record("vae", k, "mig", 1.0) for k in (0, 1)], tmp_path))
    (row,) = found.to_dict("records")
    assert (row["state"], row["what"], row["reason"]) == ("failed", "training", "it broke")
    assert (row["task"], row["method"], row["seeds"]) == ("dsprites", "vae", "1")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"binarisation": "none", "binary": True}, "bits as they are"),
        ({"binarisation": "none", "binary": False}, "not binarised"),
        ({"binarisation": "none"}, "not binarised"),
        ({}, "not binarised"),
        ({"binarisation": "dynamic", "binary": True}, "dynamically binarised"),
    ],
)
def test_page_says_how_the_images_became_bits(tmp_path, facts, words):
    suite = make_suite(models=["vae"], datasets=["sprites"], seeds=1)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sprites.json").write_text(json.dumps(facts))
    _, block = part_of("data").make(numbers_of(suite, [], tmp_path))
    assert block.facts["binarisation"] == words and block.facts["factors"] == "none known"


def test_page_says_the_verdicts_with_their_reasons(html):
    shown = section(html, "claims")
    assert shown.count("</dd>") == 5
    assert f"undecided</b> <small>n = 0: no seed has a number on each side: {BROKEN}" in shown


def test_page_says_how_to_read_what_the_suite_has(html):
    shown = section(html, "how-to-read-it")
    assert "<dt>MIG</dt><dd>the mutual information gap" in shown and "SAP" not in shown
    assert "in nats" in shown and "the mean over seeds less the truth" not in shown


def test_page_stays_small(results):
    assert (results / "report.html").stat().st_size < 3e6


def test_report_of_records_alone(tmp_path):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1)
    write(make_records(suite), tmp_path / "records.csv")
    report(suite, tmp_path)
    assert "none known" in (tmp_path / "report.html").read_text()


def test_report_where_everything_failed(tmp_path):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=2)
    write(make_records(suite, broken=["vae"]), tmp_path / "records.csv")
    report(suite, tmp_path)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"records.csv", "report.html", "tables", "figures", "manifest.json", "sums"}
    assert 'id="figures"' not in (tmp_path / "report.html").read_text()


def test_headline_text_is_the_headline(results):
    text = headline_text(results)
    assert "VMI-VAE" in text and "failed (5 of 5)" in text and STRANGE in text


def test_printed_headline_ends_with_the_path_of_the_page(results, capsys):
    print_headline(results)
    printed = capsys.readouterr().out
    assert printed.startswith(headline_text(results))
    assert printed.splitlines()[-1] == str(results / "report.html")


def test_report_does_not_import_torch():
    code = """import sys
from vmi.report.build import part_of
from vmi.suites.file import check_names
from vmi.suites.kinds import KINDS
[part_of(name) for kind in KINDS.values() for name in kind.parts]
sys.exit('torch' in sys.modules)"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


METRIC = """
from vmi.cards import card
from vmi.report.blocks import Part, Prose

@card(
    name="roundness of the code",
    better="down",
    heading="The shape of the code",
    reading="0 where the code is a ball.",
    unit="cm",
    headline=True,
)
def roundness(codes): ...

MY_PART = Part("Of my own", lambda numbers: [Prose(f"{len(numbers.rows)} rows")])
"""


def test_a_metric_in_one_file_says_all_of_itself_on_the_page(workplace):
    (workplace / "shapes.py").write_text(METRIC)
    about = {"datasets": ["digits"], "seeds": 2, "metrics": ["shapes:roundness", "ari"]}
    suite = make_suite(models=["vae", "info-vae"], **about)
    levels = {"vae": 20.0, "info-vae": 1.0}
    rows = [
        record(model, seed, measure, level + seed, task="digits")
        for model, level in levels.items()
        for seed in (0, 1)
        for measure in ("roundness", "ari")
    ]
    write(rows, workplace / "records.csv")
    report(suite, workplace)
    html = (workplace / "report.html").read_text()
    assert "<dt>roundness of the code</dt><dd>0 where the code is a ball.</dd>" in html
    assert "<h3>The shape of the code</h3>" in html
    shown = Page(section(html, "headline"))
    assert shown.rows[0] == ["model", "roundness of the code [cm]", "n"]
    assert headline_text(workplace).count("*") == 1
    best = next(row for row in shown.rows if row[0] == "InfoVAE")
    assert f'class="best">{best[1].split()[0]} <small>' in section(html, "headline")


def test_a_part_of_a_users_own_is_a_section(workplace):
    (workplace / "shapes.py").write_text(METRIC)
    part = part_of("shapes:MY_PART")
    (block,) = part.make(numbers_of(make_suite(), []))
    assert (part.section, block.text) == ("Of my own", "0 rows")
    with pytest.raises(UserError, match="is a function, not a Part"):
        part_of("shapes:roundness")


def test_every_part_of_every_kind_is_there_and_names_no_section_twice():
    for kind in KINDS.values():
        titles = [part_of(name).section for name in kind.parts]
        together = [title for title, _ in itertools.groupby(titles)]
        assert len(set(together)) == len(together)


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
PROBE = """<body><p id="out">waiting</p><iframe id="frame" src="report.html" width="{width}"
height="900"></iframe><script>
frame.onload = () => setTimeout(() => {{
  const root = frame.contentDocument.documentElement
  out.textContent = `scroll ${{root.scrollWidth}} client ${{root.clientWidth}}`
}}, 300)
</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [390, 1440])
def test_page_does_not_scroll_sideways(results, tmp_path, width):
    shutil.copy(results / "report.html", tmp_path)
    (tmp_path / "probe.html").write_text(PROBE.format(width=width))
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--allow-file-access-from-files",
        f"--window-size={width + 100},1200",
        "--virtual-time-budget=10000",
        "--dump-dom",
        (tmp_path / "probe.html").as_uri(),
    ]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    found = re.search(r"scroll (\d+) client (\d+)", dom)
    assert found, dom[:500]
    assert int(found[1]) <= int(found[2]) <= width
