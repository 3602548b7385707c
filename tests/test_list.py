"""`vmi list`: every registered name says what it is and where it comes from."""

import json
import subprocess
import sys

import pytest

from vmi.__main__ import main
from vmi.commands.catalogue import KINDS, _references, _summary, catalogue

# What this project came up with itself, or what is too plain for a paper.
OWN = {"accuracy-majority", "information-categorical", "information-dimensions"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_has_one_line_without_markup(kind):
    found = catalogue(kind)
    assert found and len({entry.name for entry in found}) == len(found)
    for entry in found:
        assert 10 < len(entry.summary) < 150, entry
        assert not set("`\n\\") & set(entry.summary), entry


@pytest.mark.parametrize("kind", ["metrics", "information", "log-likelihoods", "estimators"])
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
    assert set(KINDS) <= set(lines)
    assert max(len(line) for line in lines if "/" not in line) <= 100
    names = {line.split()[0] for line in lines if line}
    assert {"mig", "vae", "digits", "dense", "bernoulli", "elbo", "ksg", "infonce"} <= names


def test_json_has_every_address(capsys):
    assert main(["list", "metrics", "--json"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert list(entries["mig"]) == ["kind", "name", "summary", "references"]
    assert "https://arxiv.org/abs/1802.04942" in entries["mig"]["references"]


def test_an_unknown_kind_is_refused_with_the_nearest(capsys):
    assert main(["list", "metric"]) == 2
    assert "did you mean 'metrics'?" in capsys.readouterr().err


def test_markup_and_verbs_are_left_out():
    docstring = "Returns the :math:`\\beta` times ``x`` of a `Codes`,\nas a number.\n\nMore."
    assert _summary(docstring) == "The beta times x of a Codes, as a number."
    assert _summary("Returns `mig` again.") == "mig again."


def test_a_function_borrows_the_source_of_what_it_says_to_see(workplace):
    (workplace / "borrows.py").write_text(
        '"""A module."""\n'
        'def first():\n    """Own (https://a.org/b), and https://a.org/b."""\n'
        'def second():\n    """As `third` or `first`."""\n'
        'def third():\n    """Nothing."""\n'
    )
    assert list(_references("borrows:first")) == ["https://a.org/b"]
    assert list(_references("borrows:second")) == ["https://a.org/b"]
    assert list(_references("borrows:third")) == []


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


@pytest.mark.parametrize("command", ["score", "mi"])
def test_the_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    out = capsys.readouterr().out
    assert "example:" in out and f"vmi {command} " in out
    assert max(map(len, out.splitlines())) <= 100
