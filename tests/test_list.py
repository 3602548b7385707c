"""`vmi list`: every registered name says what it is and where it comes from."""

import json
import re
import subprocess
import sys

import pytest

import vmi
from vmi.__main__ import main
from vmi.commands.catalogue import REGISTRIES, catalogue
from vmi.commands.docstrings import plain, references
from vmi.registry import Registry

# What this project came up with itself, or what is too plain for a paper.
OWN = {"accuracy-majority", "information-categorical", "information-dimensions"}


@pytest.mark.parametrize("kind", REGISTRIES)
def test_every_name_has_one_line_without_markup(kind):
    found = catalogue(kind)
    assert found and len({entry.name for entry in found}) == len(found)
    for entry in found:
        assert 10 < len(entry.summary) < 150, entry
        assert not set("`\n\\") & set(entry.summary), entry


@pytest.mark.parametrize(
    "kind", ["metrics", "information", "log-likelihoods", "estimators", "tests", "learners"]
)
def test_every_instrument_has_a_reference_or_is_this_projects_own(kind):
    without = {entry.name for entry in catalogue(kind) if not entry.references}
    assert without <= OWN


def test_one_kind_is_shown_with_its_sources(capsys):
    assert main(["list", "metrics"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "metrics"
    (at,) = (i for i, line in enumerate(lines) if line.split()[0] == "mig")
    assert "mutual information gap" in lines[at] and "arXiv:1802.04942" in lines[at + 1]
    assert "estimators" not in lines


def test_all_kinds_are_shown(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert set(REGISTRIES) <= set(lines)
    assert max(len(line) for line in lines if "/" not in line) <= 100
    names = {line.split()[0] for line in lines if line}
    assert {"mig", "vae", "digits", "dense", "bernoulli", "elbo", "ksg", "infonce"} <= names


def test_json_has_every_address(capsys):
    assert main(["list", "metrics", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert list(entries["mig"]) == [
        "kind",
        "name",
        "label",
        "summary",
        "heading",
        "better",
        "unit",
        "reading",
        "references",
    ]
    assert "https://arxiv.org/abs/1802.04942" in entries["mig"]["references"]


def test_an_unknown_kind_is_refused_with_the_nearest(capsys):
    assert main(["list", "metric"]) == 2
    assert "did you mean 'metrics'?" in capsys.readouterr().err


MINE = """
import vmi

@vmi.card(
    name="spread of the means",
    better="up",
    heading="Use of the code",
    unit="sd",
    reading="Not used is 0.",
)
def spread(codes):
    \"\"\"Returns the standard deviation of all means (https://arxiv.org/abs/1509.00519).\"\"\"
    return codes.mean.std()

def bare(codes):
    return 1.0
"""


def test_a_metric_of_the_users_own_is_shown_with_its_card(workplace, capsys):
    (workplace / "mine.py").write_text(MINE)
    assert main(["list", "mine:spread"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "  mine:spread  spread of the means: The standard deviation of all means",
        "               (https://arxiv.org/abs/1509.00519).",
        "               arXiv:1509.00519",
        "               Use of the code; in sd; more is better. Not used is 0.",
    ]
    assert main(["list", "mine:spread", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["label"], found["better"]) == ("spread of the means", "up")
    assert found["heading"] == "Use of the code" and found["reading"] == "Not used is 0."


def test_a_metric_without_a_card_is_shown_too(workplace, capsys):
    (workplace / "mine.py").write_text(MINE)
    assert main(["list", "mine:bare"]) == 0
    assert capsys.readouterr().out.split() == ["mine:bare", "-"]


def test_one_that_does_not_import_is_refused(workplace, capsys):
    assert main(["list", "nowhere:metric"]) == 2
    assert "does not import" in (err := capsys.readouterr().err) and err.count("\n") == 1


def test_a_registered_name_is_shown_with_the_number_that_it_carries(capsys):
    assert main(["list", "iwae-500"]) == 0
    kind, first, *_ = capsys.readouterr().out.splitlines()
    assert kind == "log-likelihoods" and first.split()[0] == "iwae-500"


def test_the_card_of_a_registered_name_is_shown(monkeypatch, capsys):
    about = {"better": "up", "heading": "Disentanglement", "reading": "At most 1."}
    card = vmi.Card("vmi.metrics.mig:mig", name="MIG", **about)
    monkeypatch.setattr(vmi, "METRICS", Registry("metric", {"mig": card}))
    assert main(["list", "mig"]) == 0
    kind, first, *_, last = capsys.readouterr().out.splitlines()
    assert kind == "metrics" and first.startswith("  mig  MIG: The mutual information gap")
    assert last.strip() == "Disentanglement; more is better. At most 1."


def test_markup_and_verbs_are_left_out():
    docstring = "Returns the :math:`\\beta` times ``x`` of a `Codes`,\nas a number.\n\nMore."
    assert plain(docstring) == "The beta times x of a Codes, as a number."
    assert plain("Returns `mig` again.") == "mig again."


def test_a_function_borrows_the_source_of_what_it_says_to_see(workplace):
    (workplace / "borrows.py").write_text(
        '"""A module."""\n'
        'def first():\n    """Own (https://a.org/b), and https://a.org/b."""\n'
        'def second():\n    """As `third` or `first`."""\n'
        'def third():\n    """Nothing."""\n'
    )
    assert list(references("borrows:first")) == ["https://a.org/b"]
    assert list(references("borrows:second")) == ["https://a.org/b"]
    assert list(references("borrows:third")) == []


def test_the_list_of_metrics_and_the_help_import_no_torch():
    for arguments in (["list", "metrics"], ["list", "estimators"]):
        code = (
            "import sys; from vmi.__main__ import main; "
            f"main({arguments}); print('torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == "False", done.stderr


def test_a_reader_who_has_seen_enough_is_no_error():
    command = f"{sys.executable} -m vmi list metrics | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["score", "mi", "independence"])
def test_the_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert re.search(r"^examples?:$", out, re.MULTILINE) and f"vmi {command} " in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_process_that_loaded_triton_ends_in_silence():
    pytest.importorskip("triton")  # of torch's CUDA builds; it counts what is left at the end
    code = (
        "import runpy, sys, triton._C.libtriton\n"
        "sys.argv = ['vmi', 'list', 'datasets']\n"
        "runpy.run_module('vmi', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
