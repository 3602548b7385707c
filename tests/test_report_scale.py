"""A suite of thousands of cells: figures and page stay of a size that a person can use."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from vmi.records import Record, read, write
from vmi.report.blocks import Plot
from vmi.report.build import build, sections
from vmi.report.numbers import ROOM, ROWS, Numbers
from vmi.report.parts.scores import FIGURES, PART, _parts
from vmi.report.style import PIXELS, save
from vmi.report.tables import Table
from vmi.stages.where import Where
from vmi.suites.suite import Suite

TASKS, METHODS = 20, 60


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    where = Where(tmp_path_factory.mktemp("large"))
    about = {
        "datasets": [{"name": f"data-{i}", "dataset": "digits"} for i in range(TASKS)],
        "models": [{"name": f"model-{i}", "model": "vae"} for i in range(METHODS)],
        "metrics": ["elbo"],
    }
    suite = Suite("large", {"title": "Large", "seeds": [0]} | about)
    draw = np.random.default_rng(0)
    rows = [
        Record("large", task, method, "", 0, 0, "elbo", draw.normal())
        for task in suite.tasks
        for method in suite.methods
    ]
    write(rows, where.records)
    build(suite, where)
    return Numbers(suite, where, read(where.records))


def test_figures_show_the_first_of_a_suite_and_say_so(numbers):
    assert list(numbers.looks) == list(numbers.suite.methods)[:ROWS]
    assert numbers.panels == list(numbers.suite.tasks)[: ROOM // ROWS]
    blocks = [block for section in sections(numbers) for block in section.blocks]
    plots = [block for block in blocks if isinstance(block, Plot)]
    assert plots
    for plot in plots:
        assert max(plot.make().get_size_inches()) * 160 < PIXELS
        shown = f" Shown: the first 3 of {TASKS} data sets and the first 48 of {METHODS} models;"
        assert shown in plot.caption


def test_tables_leave_nothing_out_and_the_page_folds_what_is_long(numbers):
    page = numbers.where.report.read_text()
    link = '<a href="tables/complete.csv">tables/complete.csv</a> holds all'
    assert f"<summary>{TASKS * METHODS:,} rows</summary>" in page and link in page
    assert (numbers.where.root / "tables/complete.csv").exists()
    assert len((numbers.where.tables / "complete.csv").read_text().splitlines()) == 1201
    assert len((numbers.where.tables / "complete.md").read_text().splitlines()) > 1200
    assert f"<summary>{TASKS - 12} more tables</summary>" in page
    assert len(re.findall("<tr>", page)) < TASKS * METHODS + Table.most + 100


def test_a_figure_too_large_for_the_page_is_written_coarser(tmp_path):
    figure = Figure(figsize=(2, 200))
    figure.subplots()
    save(figure, tmp_path / "tall")
    with Image.open(tmp_path / "tall.png") as image:
        assert max(image.size) <= PIXELS < 16_383


@pytest.mark.parametrize(("n", "most", "sizes"), [(0, 5, []), (5, 5, [5]), (11, 5, [4, 4, 3])])
def test_panels_are_split_into_figures_of_about_one_size(n, most, sizes):
    assert list(map(len, _parts(list(range(n)), most))) == sizes


def test_of_very_many_measures_the_first_have_figures(tmp_path):
    names = [f"iwae-{k}" for k in range(2, 160)]
    about = {"datasets": ["digits"], "models": ["vae", "info-vae"], "metrics": names}
    suite = Suite("wide", {"title": "Wide", "seeds": [0], "headline": names[:30]} | about)
    rows = [
        Record("wide", "digits", m, "", 0, 0, name, 1.0) for m in suite.methods for name in names
    ]
    write(rows, tmp_path / "records.csv")
    numbers = Numbers(suite, Where(tmp_path), read(tmp_path / "records.csv"))
    plots = list(PART.make(numbers))
    assert len(plots) == 1 + FIGURES
    assert "further measures are in the tables alone." in plots[0].caption
