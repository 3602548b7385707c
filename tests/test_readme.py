"""What the README shows is what was published."""

import re
from pathlib import Path

from vmi import records
from vmi.suites.file import load_suite

ROOT = Path(__file__).parent.parent
PUBLISHED = ROOT / "results" / "published" / "demo"


def rows(text):
    """The cells of a Markdown table's rows that begin with a data set of the demo."""
    plain = text.replace("\\", "").replace("−", "-").replace("**", "")
    plain = re.sub(r"<sup>.*?</sup>", "", plain)
    table = [[c.strip() for c in line.strip("|").split("|")] for line in plain.splitlines()]
    return {(r[0], r[1]): r[2:7] for r in table if r[0] in ("digits", "sprites") and len(r) > 6}


def test_every_section_is_there_and_every_file_that_is_linked():
    text = (ROOT / "README.md").read_text()
    headings = re.findall(r"^## (.+)$", text, flags=re.M)
    assert {"Run a suite", "Your own codes", "Which estimator tells the truth"} <= {*headings}
    assert headings[-1] == "The architecture"
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_headline_table_is_the_published_one():
    shown = rows((ROOT / "README.md").read_text())
    assert len(shown) == 8
    assert shown == rows((PUBLISHED / "tables" / "headline.md").read_text())


def test_the_published_table_agrees_with_the_published_records():
    suite = load_suite("demo")
    names = {method: suite.card("methods", method).name for method in suite.methods}
    frame = records.read(PUBLISHED / "records.csv").replace({"method": names})
    means = frame.groupby(["task", "method", "measure"])["value"].mean()
    compared = 0
    for cell, numbers in rows((PUBLISHED / "tables" / "headline.md").read_text()).items():
        for measure, number in zip(suite.headline, numbers, strict=True):
            if number != "–":
                shown = number.split()[0]
                assert float(shown) == round(means[(*cell, measure)], len(shown.partition(".")[2]))
                compared += 1
    assert compared == 2 * 4 * 5 - 4  # the digits have no factors, and so no MIG


def test_every_link_of_the_readme_leads_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text()):
        assert target.startswith("https://") or (ROOT / target).exists(), target


FOUND = [  # suite, task, method, size, measure, and what the README says of it
    ("independence", "common-cause-3", "global", 1000, "rejected", "90%"),
    ("independence", "heavy-common-cause", "global", 1000, "rejected", "99%"),
    ("independence", "common-cause-10", "local", 1000, "rejected", "84%"),
    ("independence", "common-cause-10", "rcit", 1000, "rejected", "16%"),
    ("independence", "sign", "local", 125, "rejected", "98%"),
    ("independence", "sign", "kci", 125, "rejected", "70%"),
    ("independence", "sign", "fisher-z", 125, "rejected", "15%"),
    ("networks", "nonlinear", "iamb", 500, "hamming", "1.2"),
    ("networks", "nonlinear", "iamb-global", 500, "hamming", "3.5"),
    ("networks", "nonlinear", "iamb-fisher", 500, "hamming", "8.0"),
    ("networks", "nonlinear", "neighbourhoods", 500, "hamming", "6.5"),
    ("networks", "nonlinear", "graphical-lasso", 500, "hamming", "11.4"),
    ("networks", "nonlinear", "iamb-rcit", 500, "hamming", "1.8"),
    ("networks-large", "nonlinear", "iamb-rcit", 2000, "hamming", ".2"),
    ("networks-large", "nonlinear", "iamb", 2000, "hamming", "1.2"),
    ("networks-large", "random-20", "iamb", 2000, "hamming", ".2"),
    ("networks-large", "random-20", "neighbourhoods", 2000, "hamming", ".2"),
    ("networks-large", "random-20", "iamb-fisher", 2000, "hamming", "3.4"),
    ("networks-large", "random-20", "graphical-lasso", 2000, "hamming", "53"),
    ("networks-again", "nonlinear", "few", 250, "changed", ".2"),
    ("networks-again", "linear", "rcit", 250, "changed", "1.0"),
    ("networks-again", "nonlinear", "rcit", 250, "changed", "2.8"),
]


def test_what_is_said_of_tests_and_networks_is_in_the_published_records():
    text = (ROOT / "README.md").read_text().partition("## Which test holds its level")[2]
    section = text.partition("\n## ")[0]
    keys = ["task", "method", "size", "measure"]
    means = {
        suite: records.read(PUBLISHED.parent / suite / "records.csv").groupby(keys)["value"].mean()
        for suite in {row[0] for row in FOUND}
    }
    for suite, *cell, said in FOUND:
        number, places = float(said.strip("%")), len(said.partition(".")[2])
        got = means[suite][tuple(cell)] * (100 if said.endswith("%") else 1)
        assert abs(got - number) <= 0.5 * 10**-places + 1e-9 and said in section, cell


WON = [  # task, method, arm, measure, and what the README says of it
    ("dots", "vae", "", "prior-gap/ceiling", ".9"),
    ("mnist", "vae", "", "prior-gap/ceiling", "1.4"),
    ("fashion_mnist", "vae", "", "prior-gap/ceiling", "1.4"),
    ("mnist", "vmi-vae", "", "prior-gap/ceiling", "2.3"),
    ("fashion_mnist", "vmi-vae", "", "prior-gap/ceiling", "2.9"),
    ("dots", "vae", "ncp", "prior-gap/won", ".74"),
    ("mnist", "vae", "ncp", "prior-gap/won", ".20"),
    ("fashion_mnist", "vae", "ncp", "prior-gap/won", ".60"),
    ("mnist", "vae", "flow", "prior-gap/won", ".30"),
    ("fashion_mnist", "vae", "flow", "prior-gap/won", ".75"),
    ("mnist", "vae", "", "frechet", "115"),
    ("mnist", "vae", "ncp", "frechet", "80"),
    ("fashion_mnist", "vae", "", "frechet", "22.3"),
    ("fashion_mnist", "vae", "ncp", "frechet", "5.2"),
    ("mnist", "vmi-vae", "", "frechet", "659"),
    ("mnist", "vmi-vae", "ncp", "frechet", "147"),
    ("mnist", "vae", "", "information", "8.3"),
]


def test_what_is_said_of_priors_is_in_the_published_records():
    section = (ROOT / "README.md").read_text().partition("## What a better prior can win")[2]
    section = section.partition("\n## ")[0]
    rows = records.read(PUBLISHED.parent / "priors/records.csv").fillna({"arm": ""})
    means = rows.groupby(["task", "method", "arm", "measure"])["value"].mean()
    for *cell, said in WON:
        places = len(said.partition(".")[2])
        assert abs(means[tuple(cell)] - float(said)) <= 0.5 * 10**-places + 1e-9, cell
        assert said in section, said


PAPER = [  # method, measure, and what the README says of MNIST and of Fashion-MNIST
    ("vae", "information-categorical", ".01 and .00"),
    ("vmi-0.01", "information-categorical", "1.1 and 1.2"),
    ("no-q-0.01", "information-categorical", ".9 and 1.2"),
    ("no-q-0.005", "information-categorical", "1.7 and 1.8"),
    ("no-q-0.005", "accuracy-majority", ".46 and .53"),
    ("vmi-0.005", "accuracy-majority", ".34 and .38"),
    ("published-no-q-0.005", "information-categorical", "1.9 and 1.9"),
    ("published-no-q-0.005", "accuracy-majority", ".47 and .53"),
    ("vmi-0.0005", "vmi-bound-1000/categorical", "1.8 and 2.2"),
    ("published-vae", "vmi-bound-1000/categorical", "1.6 and 2.1"),
    ("published-vae", "information-categorical", ".3 and .1"),
    ("published-vmi-0.01", "vmi-bound-1000/entropy-categorical", "1.6 and 1.8"),
    ("published-vmi-0.01", "vmi-bound-1000/published", "2.29 and 2.30"),
    ("vmi-0.01", "information", "7.9 and 6.1"),
]


def test_what_is_said_of_the_paper_is_in_the_published_records_and_claims():
    section = (ROOT / "README.md").read_text().partition("## What the mutual-information term")[2]
    section = " ".join(section.partition("\n## ")[0].split())
    found = PUBLISHED.parent / "paper-small"
    rows = records.read(found / "records.csv")
    means = rows.groupby(["task", "method", "measure"])["value"].mean()
    for *cell, said in PAPER:
        assert said in section, said
        for task, number in zip(("mnist", "fashion_mnist"), said.split(" and "), strict=True):
            places = len(number.partition(".")[2])
            assert abs(means[(task, *cell)] - float(number)) <= 0.5 * 10**-places + 1e-9, cell
    counts = r"\d+ hold, \d+ fail, \d+ are undecided and \d+ differ"
    counted = re.findall(counts, (found / "claims.md").read_text())
    assert len(counted) == 2 and re.findall(counts, section) == counted
