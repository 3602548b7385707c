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
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from vmi.records import COLUMNS, Record, read, write
from vmi.report import (
    gallery,
    headline_text,
    names,
    pictures,
    print_headline,
    report,
    tables,
    writers,
)
from vmi.report.manifest import evaluation_seconds, manifest
from vmi.report.page import environment
from vmi.report.statistics import CELL, complete, interval, judge, summarise
from vmi.report.style import looks, save

# vmi.records.read asks for exact floats by an argument that pandas 3.1 deprecates

MODELS = ("vae", "beta-vae-4", "info-vae", "vmi-vae")
NEVER_SEEN = "my_package.my_models:MyVAE"
NO_FACTORS = "not applicable: this data set has no factors of variation"
BROKEN = "RuntimeError: the loss is not finite at step 120"
LN_K, LN_N = float(np.log(256)), float(np.log(10000))


def make_suite(models=MODELS, datasets=("dsprites", "mnist"), seeds=5):
    """Creates the facts of a suite."""
    return SimpleNamespace(
        name="demo",
        title="A small demonstration",
        description="Four models & two data sets, <small> enough to read.",
        datasets=list(datasets),
        models=list(models),
        tasks={},
        pictures=["samples", "reconstructions", "grid-3", "my_file:own", "classes"],
        claims=[],
        seeds=list(range(seeds)),
        metrics=[
            "mig",
            "active-units",
            "accuracy-majority",
            "information-categorical",
            "information",
            "vmi-bound",
            "elbo",
            "iwae-100",
            "my-metric",
        ],
    )


def numbers(draw, level, has_factors):
    """Yields metric, value, unit, bound, ceiling of one trained model."""
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
    yield "my-metric", draw.normal(0, 1e-4), "", "", np.nan


def make_records(suite, *, broken=("info-vae",), failed=(("beta-vae-4", 3),), seed=0):
    """Creates realistic rows: some models wholly broken, some seeds failed, the rest numbers."""
    draw = np.random.default_rng(seed)
    rows = []
    for i, dataset in enumerate(suite.datasets):
        for level, model in enumerate(suite.models):
            for k in suite.seeds:
                cell = {"suite": suite.name, "dataset": dataset, "model": model, "seed": k}
                if (model in broken and i == 0) or (model, k) in failed:
                    rows += [
                        Record(**cell, metric=m, value=np.nan, error=BROKEN) for m in suite.metrics
                    ]
                    continue
                for metric, value, unit, bound, ceiling in numbers(draw, level % 6, i == 0):
                    error = value if isinstance(value, str) else ""
                    rows.append(
                        Record(
                            **cell,
                            metric=metric,
                            value=np.nan if error else value,
                            error=error,
                            unit="" if error else unit,
                            bound=bound,
                            ceiling=ceiling,
                            stderr=0.01,
                            binarisation="static",
                            n=10000,
                            seconds=2.0,
                        )
                    )
    return rows


def frame_of(rows):
    """Returns rows as the frame that reading their file would give."""
    return pd.DataFrame([vars(row) for row in rows], columns=list(COLUMNS))


def make_history(suite):
    """Creates training curves; the last model has a term that the others lack."""
    draw = np.random.default_rng(1)
    rows = []
    for dataset in suite.datasets:
        for level, model in enumerate(suite.models):
            terms = {"loss": 90.0, "distortion": 80.0 - level, "rate": 8.0 + 2 * level}
            if model == suite.models[-1]:
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
    return pd.DataFrame(rows, columns=["dataset", "model", "seed", "step", "term", "value"])


def make_results(folder, suite, **kwargs):
    """Writes a results folder as the stages of a suite do."""
    write(make_records(suite, **kwargs), folder / "records.csv")
    make_history(suite).to_csv(folder / "history.csv", index=False)
    for dataset in suite.datasets:
        make_dataset(folder, dataset)
        for model in suite.models:
            make_training(folder / "train" / dataset / model / "0-4", suite)
            make_pictures(folder / "pictures" / dataset / model)
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


def make_training(folder, suite):
    """Writes what became of a cohort."""
    folder.mkdir(parents=True)
    rows = [(k, 2000, 3.5, "loop", "") for k in suite.seeds]
    frame = pd.DataFrame(rows, columns=["seed", "steps", "seconds", "engine", "error"])
    frame.to_csv(folder / "status.csv", index=False)


def make_pictures(folder):
    """Writes the pictures of a model."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(2)
    for name in ("reconstructions", "samples", "grid-3", "own"):
        coarse = draw.integers(0, 255, (31, 31), dtype=np.uint8)
        Image.fromarray(coarse).resize((242, 242)).convert("RGB").save(folder / f"{name}.png")
    (folder / "classes.txt").write_text("not applicable: <no> category\n")


def make_claims(datasets):
    """Creates claims with short and long words, on one data set and on all."""
    about = {"source": "the abstract, https://example.org/paper", "published": "unknown"}
    about |= {"margin": 0.1, "datasets": datasets, "sentence": "The term raises the bound."}
    bound = {"model": "vmi-vae", "metric": "vmi-bound/categorical"}
    strange = {"model": NEVER_SEEN, "metric": "information-categorical"}
    return [
        {**about, "id": "bound", "left": bound, "is": "above", "right": {**bound, "model": "vae"}},
        {**about, "id": "same", "left": strange, "is": "within", "right": bound},
        {**about, "id": "broken", "left": {**bound, "model": "info-vae"}, "is": "below", "right": 1}
        | {"datasets": datasets[:1]},
    ]


@pytest.fixture(scope="module")
def suite():
    suite = make_suite(models=[*MODELS, NEVER_SEEN])
    suite.claims = make_claims(suite.datasets)
    return suite


@pytest.fixture(scope="module")
def results(tmp_path_factory, suite):
    folder = make_results(tmp_path_factory.mktemp("results"), suite)
    report(folder, suite)
    return folder


@pytest.fixture(scope="module")
def records(results):
    return read(results / "records.csv")


@pytest.fixture(scope="module")
def summary(records, suite):
    return summarise(complete(records, suite))


@pytest.fixture(scope="module")
def html(results):
    return (results / "report.html").read_text()


def cell_of(table, dataset, model, metric):
    """Returns the cell of a table by names; the table's first two columns are labels."""
    column = 2 + table.metrics.index(metric)
    (row,) = [r for r in table.rows if (r[0].text, r[1].text) == (dataset, names.display(model))]
    return row[column]


# --- statistics


def test_interval_of_a_constant_has_no_width():
    low, high = interval(np.full((3, 4), 2.5))
    assert (low == 2.5).all() and (high == 2.5).all()


def test_one_seed_has_no_interval():
    low, high = interval(np.array([1.0]))
    assert np.isnan(low) and np.isnan(high)


def test_interval_of_two_seeds_is_the_two():
    low, high = interval(np.array([1.0, 3.0]))
    assert (low, high) == (1.0, 3.0)


def test_interval_is_that_of_all_resamples():
    values = np.array([0.0, 1.0, 4.0, 9.0, 16.0])
    means = np.array(list(itertools.product(values, repeat=5))).mean(axis=1)
    truth = np.quantile(means, [0.025, 0.975])
    np.testing.assert_allclose(interval(values), truth, atol=0.45)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6))
def test_interval_lies_around_the_mean_and_within_the_values(values):
    low, high = interval(np.array(values))
    slack = 1e-9 * max(map(abs, values)) + 1e-12
    assert min(values) - slack <= low <= np.mean(values) + slack
    assert np.mean(values) - slack <= high <= max(values) + slack
    assert (low, high) == interval(np.array(values))


def test_interval_covers_the_truth_of_many_seeds():
    draw = np.random.default_rng(0)
    low, high = interval(draw.normal(size=(150, 30)))
    assert 0.86 <= np.mean((low <= 0) & (high >= 0)) <= 0.99


def test_summary_is_that_of_the_records(records, summary):
    groups = records[np.isfinite(records["value"])].groupby(CELL)["value"]
    for row in summary[summary["n"] > 0].itertuples():
        keys = (row.dataset, row.model, row.metric)
        values = groups.get_group(keys).to_numpy()
        assert row.n == len(values)
        assert row.mean == pytest.approx(values.mean(), rel=1e-12, abs=1e-15)
        assert row.low <= row.mean <= row.high
    assert set(zip(*(summary[c] for c in CELL), strict=True)) >= set(
        zip(*(records[c] for c in CELL), strict=True)
    )


def test_error_bar_is_not_the_estimators_own(records):
    other = records.assign(stderr=99.0)
    pd.testing.assert_frame_equal(summarise(records), summarise(other))


def test_failed_and_not_applicable_are_told_apart(records):
    states = judge(records).set_index([*CELL, "seed"])["state"]
    assert states["mnist", "vae", "mig", 0] == "not applicable"
    assert states["mnist", "beta-vae-4", "mig", 3] == "failed"
    assert states["dsprites", "info-vae", "mig", 0] == "failed"
    assert states["dsprites", "vae", "mig", 0] == "value"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        ("not applicable: no factors", "not applicable"),
        ("the number is NaN", "failed"),
        ("too few", "failed"),
        ("ValueError: not applicable: x", "failed"),
        ("", "failed"),
    ],
)
@pytest.mark.parametrize("other", [1.0, np.nan])
def test_a_row_is_not_applicable_where_its_reason_says_so(error, state, other):
    rows = [
        Record("s", "d", "m", 0, "mig", np.nan, error=error),
        Record("s", "d", "m", 0, "elbo", other),
    ]
    assert judge(frame_of(rows))["state"][0] == state


@pytest.mark.parametrize("make", [summarise, lambda frame: complete(frame, make_suite())])
def test_two_records_of_one_seed_are_never_averaged(make):
    rows = [Record("s", "dsprites", "vae", k, "mig", v) for k, v in ((0, 1), (3, 1), (3, 2))]
    with pytest.raises(ValueError, match="of dataset dsprites, model vae, seed 3, metric mig"):
        make(frame_of(rows))


def test_missing_records_become_failures():
    suite = make_suite(models=["vae", "ghost"], datasets=["dsprites"], seeds=2)
    rows = [r for r in make_records(suite) if r.model == "vae"]
    summary = summarise(complete(frame_of(rows), suite)).set_index(CELL)
    ghost = summary.loc["dsprites", "ghost", "mig"]
    assert (ghost["n"], ghost["failed"], ghost["failure"]) == (0, 2, "no record was written")
    assert summary.loc["dsprites", "ghost", "information/rate"]["failed"] == 2


def test_a_metric_given_by_its_file_is_found_under_its_name():
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1)
    suite.metrics = ["mig", "my_file:my_metric"]
    rows = [Record("s", "dsprites", "vae", 0, name, 1.0) for name in ("mig", "my_metric")]
    assert complete(frame_of(rows), suite)["metric"].tolist() == ["mig", "my_metric"]


# --- tables


def test_headline_cells_hold_the_numbers_of_the_records(records, summary):
    table = tables.headline(summary, "Headline")
    good = records[np.isfinite(records["value"])]
    seen = 0
    for keys, values in good.groupby(CELL)["value"]:
        if keys[2] not in table.metrics:
            continue
        shown = re.findall(r"-?\d+\.?\d*", cell_of(table, *keys).text)
        places = len(shown[0].partition(".")[2])
        low, high = interval(values.to_numpy())
        assert shown == [f"{v:.{places}f}" for v in (values.mean(), low, high)]
        seen += 1
    assert seen > 30


def test_headline_takes_the_likelihood_with_most_samples():
    metrics = ["elbo", "iwae-9", "iwae-100", "iwae-100/ess", "mig"]
    assert tables.headline_metrics(metrics) == ["mig", "iwae-100"]
    assert tables.headline_metrics(["elbo", "iwae-9", "iwae", "iwae/ess", "mig"]) == ["mig", "iwae"]
    assert tables.headline_metrics(["iwae", "iwae-500", "elbo"]) == ["iwae-500"]
    assert tables.headline_metrics(["vmi-bound-20", "vmi-bound-20/entropy"]) == ["vmi-bound-20"]
    assert tables.headline_metrics(["elbo", "mig"]) == ["mig", "elbo"]
    assert tables.headline_metrics(["my-metric", "my-metric/part"]) == ["my-metric"]


def test_best_mean_is_bold_only_where_a_direction_exists(summary):
    table = tables.headline(summary, "Headline")
    best = {m: [r[2 + i].best for r in table.rows] for i, m in enumerate(table.metrics)}
    assert not any(best["information"])
    assert sum(best["iwae-100"]) == 2
    rows = summary[(summary["dataset"] == "mnist") & (summary["metric"] == "iwae-100")]
    winner = rows.loc[rows["mean"].idxmax(), "model"]
    assert cell_of(table, "mnist", winner, "iwae-100").best


def test_least_is_best_where_less_is_better(summary):
    table = tables.table(summary, ["elbo/distortion"], "t")
    rows = summary[(summary["dataset"] == "mnist") & (summary["metric"] == "elbo/distortion")]
    winner = rows.loc[rows["mean"].idxmin(), "model"]
    assert cell_of(table, "mnist", winner, "elbo/distortion").best


def test_cells_without_a_number_say_why(summary):
    table = tables.headline(summary, "Headline")
    failed = cell_of(table, "dsprites", "info-vae", "mig")
    absent = cell_of(table, "mnist", "vae", "mig")
    partial = cell_of(table, "dsprites", "beta-vae-4", "mig")
    assert failed.text == "failed (5 of 5)"
    assert table.notes[failed.notes[0] - 1] == BROKEN
    assert absent.text == "\N{EN DASH}"
    assert table.notes[absent.notes[0] - 1] == NO_FACTORS
    assert table.notes[partial.notes[0] - 1] == f"1 of 5 seeds left no number: {BROKEN}"


def test_one_seed_prints_no_interval():
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1)
    summary = summarise(frame_of(make_records(suite)))
    assert "[" not in cell_of(tables.headline(summary, ""), "dsprites", "vae", "mig").text


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


def test_families_hold_every_metric_once(summary):
    made = [m for table in tables.families(summary) for m in table.metrics]
    assert sorted(made) == sorted(summary["metric"].unique())


def test_markdown_escapes():
    assert writers.escape_markdown("a|b_c*<i>\n`") == r"a\|b\_c\*\<i\> \`"


def test_latex_escapes():
    assert writers.escape_latex(r"50% & a_b #1 {x} \y ~^$") == (
        r"50\% \& a\_b \#1 \{x\} \textbackslash{}y \textasciitilde{}\textasciicircum{}\$"
    )
    assert writers.escape_latex("beta-vae-4: -1.5 [-2, -1]") == "beta-vae-4: $-$1.5 [$-$2, $-$1]"


@pytest.mark.parametrize("write_table", [writers.markdown, writers.latex, writers.plain])
def test_writers_write_every_row(summary, write_table):
    text = write_table(tables.headline(summary, "A & b"))
    assert sum("dsprites" in line for line in text.splitlines()) == 5
    assert "0.0 " not in text and "nan" not in text


def test_markdown_rows_have_one_width(summary):
    lines = writers.markdown(tables.headline(summary, "t")).splitlines()
    bars = {len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")}
    assert len(bars) == 1


def test_latex_has_balanced_braces_and_environments(summary):
    text = writers.latex(tables.headline(summary, "t_t {"))
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


def test_names_fall_back_to_the_raw_name():
    assert names.display("my-metric") == "my-metric"
    assert names.display("my_file:MyVAE") == "my_file:MyVAE"
    assert names.display("beta-vae-0.5") == "β-VAE (β = 0.5)"
    assert names.display("iwae") == names.display("iwae-100") == "log p(x) ≥, IWAE k = 100"
    assert names.display("iwae/ess") == names.display("iwae-100/ess")
    assert names.display("iwae-5000/ess") == "effective samples, IWAE k = 5000"
    assert names.display("vmi-bound-20/entropy") == "VMI bound, entropy of the code (20)"
    assert names.display("my-metric-3") == "my-metric-3"
    assert names.aim("elbo/distortion") == "down" and names.aim("vmi-bound-20") == ""
    assert names.aim("iwae-64") == "up" and names.aim("my-metric") == ""


# --- figures


@pytest.mark.parametrize("models", [1, 12])
def test_every_figure_draws(tmp_path, models):
    known = [*MODELS, *(f"my_package.my_module:AVeryLongName{i}" for i in range(8))][:models]
    suite = make_suite(models=known, datasets=["dsprites"], seeds=2)
    whole = complete(frame_of(make_records(suite)), suite)
    found = gallery.plans(whole, summarise(whole), make_history(suite), suite)
    stems = [plan.stem for plan in found]
    assert stems == [
        "scores",
        "scores-further",
        "bracket-information",
        "rate-distortion",
        "training",
    ]
    for plan in found:
        figure = plan.draw()
        save(figure, tmp_path / plan.stem)
        assert (tmp_path / f"{plan.stem}.png").stat().st_size > 5000
        assert (tmp_path / f"{plan.stem}.svg").read_text().rstrip().endswith("</svg>")


def test_every_model_has_its_own_look():
    found = looks([f"m{i}" for i in range(12)])
    assert len(set(found.values())) == 12 and len({own.colour for own in found.values()}) == 12
    assert looks(["a", "b"])["a"] == looks(["a", "c", "d"])["a"]


# --- manifest


def test_seconds_of_parts_count_once():
    rows = [
        Record("s", "d", "m", k, metric, 1.0, seconds=2.0)
        for k in (0, 1)
        for metric in ("elbo", "elbo/rate", "elbo/distortion", "mig")
    ]
    assert evaluation_seconds(frame_of(rows)) == 8.0


def test_manifest_names_the_suite_as_it_was_given(tmp_path, suite):
    suite = SimpleNamespace(**vars(suite), given="my suites/own.yaml")
    made = manifest(tmp_path, frame_of(make_records(suite)), suite)
    assert made["suite"] == "demo"
    assert made["again"] == "snakemake --config 'suite=my suites/own.yaml'"


def test_manifest_says_what_made_it(results, suite):
    made = json.loads((results / "manifest.json").read_text())
    assert made["again"] == "snakemake --config suite=demo"
    assert made["seconds"]["training"] == 3.5 * 5 * len(suite.models) * 2
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


def test_page_holds_every_number_of_the_complete_tables(html, summary):
    rows = {tuple(cell.strip() for cell in row) for row in Page(html).rows}
    for table in tables.families(summary):
        for row in table.rows:
            texts = [c.text + "".join(map(str, c.notes)) for c in row]
            minus = [
                t if i < 2 else re.sub(r"-(?=\d)", "\N{MINUS SIGN}", t) for i, t in enumerate(texts)
            ]
            assert tuple(minus) in rows


def test_page_numbers_are_those_of_the_records(html, records, suite):
    """Reads the headline off the page and computes the same means from the file alone."""
    section = html[html.index('id="headline"') : html.index('id="reading"')]
    for dataset in suite.datasets:
        part = section[section.index(f"<h3>{dataset}</h3>") :]
        rows = {row[0]: row for row in Page(part[: part.index("</table>")]).rows}
        assert set(rows) == {"model", *map(names.display, suite.models)}
        cells = records[(records["dataset"] == dataset) & (records["metric"] == "iwae-100")]
        for model, values in cells.groupby("model")["value"]:
            text = rows[names.display(model)][3].replace("\N{MINUS SIGN}", "-")
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
    assert NEVER_SEEN.replace("_", "_<wbr>").replace(".", ".<wbr>").replace(":", ":<wbr>") in html


def test_page_shows_the_kinds_and_the_models_in_the_suites_order(html, suite):
    section = html[html.index('id="pictures"') : html.index('id="numbers"')]
    kinds = ["Samples from the prior", "Reconstructions", "Gaussian dimensions 0 and 1, −3 to 3"]
    assert re.findall("<summary>(.*)</summary>", section) == [*kinds, "own"] * 2
    shown = [attributes["alt"] for tag, attributes in Page(section).tags if tag == "img"]
    models = list(map(names.display, suite.models))
    assert shown[: len(models)] == [f"{kinds[0]} of {model} on dsprites" for model in models]
    assert "Decoded draws of the prior" in section


def test_page_says_why_a_picture_is_not_there(tmp_path):
    suite = make_suite(models=["vae", "beta-vae-4", "info-vae"], datasets=["mnist"], seeds=1)
    make_results(tmp_path, suite)
    folder = tmp_path / "pictures" / "mnist"
    (folder / "beta-vae-4" / "grid-3.png").unlink()
    (folder / "beta-vae-4" / "grid-3.txt").write_text("not applicable: <one> dimension\n")
    (folder / "info-vae" / "grid-3.png").unlink()
    gallery = pictures.galleries(tmp_path, suite)["mnist"][2]
    found = [(model, picture is None, why) for model, picture, why in gallery.shown]
    said = "not applicable: <one> dimension"
    assert found == [("vae", False, ""), ("beta-vae-4", True, said), ("info-vae", True, "")]
    report(tmp_path, suite)
    page = (tmp_path / "report.html").read_text()
    assert page.count("no picture: not applicable: &lt;one&gt; dimension</div>") == 1
    assert page.count("no picture</div>") == 1


@pytest.mark.parametrize(("models", "folded"), [(6, False), (7, True), (22, True)])
def test_pictures_of_many_models_are_folded_away(tmp_path, models, folded):
    suite = make_suite(models=[f"m{i}" for i in range(models)], datasets=["mnist"])
    make_pictures(tmp_path / "pictures" / "mnist" / "m0")
    found = pictures.galleries(tmp_path, suite)
    assert [gallery.folded for gallery in found["mnist"]] == [folded] * 4
    template = environment().from_string(
        '{% from "macros.html" import gallery %}{{ gallery(g, "d") }}'
    )
    assert (" open>" in template.render(g=found["mnist"][0])) is not folded


def test_page_tells_failures_and_gaps(html):
    section = html[html.index('id="troubles"') : html.index('id="data"')]
    rows = [[cell.strip() for cell in row] for row in Page(section).rows]
    assert ["mnist", "VAE", "0, 1, 2, 3, 4", "MIG", NO_FACTORS] in rows
    (failed,) = [r for r in rows if r[:2] == ["dsprites", "InfoVAE"]]
    assert failed[2] == "0, 1, 2, 3, 4" and failed[4] == BROKEN


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
    write(make_records(suite, broken=["vae"]), tmp_path / "records.csv")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sprites.json").write_text(json.dumps(facts))
    report(tmp_path, suite)
    assert f"of the images: {words} (sprites);" in (tmp_path / "report.html").read_text()


def test_page_tells_the_verdicts_with_their_reasons(html):
    section = html[html.index('id="claims"') : html.index('id="figures"')]
    assert section.count("</dd>") == 5
    assert f"undecided</b> <small>n = 0: no seed has a number on each side: {BROKEN}" in section


def test_page_stays_small(results):
    assert (results / "report.html").stat().st_size < 3e6


def test_report_of_records_alone(tmp_path):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=1)
    write(make_records(suite), tmp_path / "records.csv")
    report(tmp_path, suite)
    assert "none known" in (tmp_path / "report.html").read_text()


def test_report_where_everything_failed(tmp_path):
    suite = make_suite(models=["vae"], datasets=["dsprites"], seeds=2)
    write(make_records(suite, broken=["vae"]), tmp_path / "records.csv")
    report(tmp_path, suite)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"records.csv", "report.html", "tables", "figures", "manifest.json"}
    assert "There are no numbers to draw" in (tmp_path / "report.html").read_text()


def test_headline_text_is_the_headline(results):
    text = headline_text(results)
    assert "VMI-VAE" in text and "failed (5 of 5)" in text and NEVER_SEEN in text


def test_printed_headline_ends_with_the_path_of_the_page(results, capsys):
    print_headline(results)
    printed = capsys.readouterr().out
    assert printed.startswith(headline_text(results))
    assert printed.splitlines()[-1] == str(results / "report.html")


def test_report_does_not_import_torch():
    code = "import sys, vmi.report.build, vmi.report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


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
