"""A user's own model, data set and metric, to the letter of CONTRIBUTING.md; the suite `paper`."""

import re

from running import ROOT, snakemake

from vmi import records


def test_the_paper_suite_dry_runs(tmp_path):
    done = snakemake(tmp_path, "--dry-run", suite="paper")
    assert done.returncode == 0
    assert "vmi-0.01 on mnist, seeds 0-4: fit, encode, measure, draw" in done.stdout + done.stderr


def blocks(language):
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_contributors_guide_works_to_the_letter(tmp_path):
    (code, _), (suite,) = blocks("python"), blocks("yaml")
    assert len((code + suite).splitlines()) < 40
    (tmp_path / "mine.py").write_text(code)
    (tmp_path / "mine.yaml").write_text(suite)
    done = snakemake(tmp_path, suite="mine.yaml")
    assert done.returncode == 0, done.stderr
    rows = records.read(tmp_path / "results/mine/records.csv")
    own = rows[(rows["method"] == "capacity-3") & (rows["task"] == "stripes")]
    assert own.loc[own["measure"] == "spread", "value"].notna().all()
    page = (tmp_path / "results/mine/report.html").read_text()
    tables = (tmp_path / "results/mine/tables/complete.md").read_text()
    for name in ("capacity-3", "stripes", "spread"):
        assert name in page
        assert name in tables
