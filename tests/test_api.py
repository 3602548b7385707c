"""The Python API: what `import vmi` gives, of arrays of any kind, and the same as the commands."""

import inspect
import json
import os
import re
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from running import ROOT

import vmi
from vmi import records
from vmi.__main__ import main
from vmi.commands.rows import COLUMNS
from vmi.stages.context import Context

N = 120
RANDOM = np.random.default_rng(0)
FACTORS = np.stack([np.repeat([0, 1, 2], N // 3), np.tile([0, 1], N // 2)], 1)
CODES = FACTORS + 0.1 * RANDOM.normal(size=(N, 2))
P = 0.9 * np.eye(3)[FACTORS[:, 0]] + 0.1 / 3
X, Y, Z = RANDOM.normal(size=(3, N))


def tensor(array):
    """As a training has it: with a gradient, where it can have one."""
    made = torch.tensor(array)
    return made.requires_grad_() if made.is_floating_point() else made


def frame_of(array):
    return pd.DataFrame(array) if np.ndim(array) == 2 else pd.Series(array)


KINDS = {"numpy": np.asarray, "torch": tensor, "pandas": frame_of, "lists": np.ndarray.tolist}


def same(a, b):
    """The rows but for the time that they took."""
    pd.testing.assert_frame_equal(a.drop(columns="seconds"), b.drop(columns="seconds"))


def as_process(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---------------------------------------------------------------- what is imported


@pytest.mark.parametrize("code", ["import vmi", "import vmi; dir(vmi)", "import vmi.mi"])
def test_importing_it_imports_nothing_that_is_slow(code):
    slow = {"torch", "pandas", "numpy", "scipy", "sklearn", "matplotlib", "yaml"}
    code += f"; import sys; print(sorted({slow} & set(sys.modules)))"
    assert as_process(code).strip() == "[]"


def test_every_public_name_is_there():
    assert {"score", "mi", "verify", "load", "card", "Card", "Estimate"} <= set(vmi.__all__)
    assert set(vmi.__all__) <= set(dir(vmi))
    assert all(getattr(vmi, name) is not None for name in vmi.__all__)
    assert "ksg" in vmi.ESTIMATORS and "mig" in vmi.METRICS and "digits" in vmi.DATASETS
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        vmi.scores  # noqa: B018


ORDERS = {
    "vmi": "import vmi; called = vmi.mi",
    "package": "import vmi.mi; called = vmi.mi",
    "from": "from vmi import mi as called",
    "registry first": "from vmi.mi import ESTIMATORS; import vmi; called = vmi.mi",
    "registry last": "import vmi; called = vmi.mi; from vmi.mi import ESTIMATORS",
    "module first": "import vmi.mi.discrete; called = vmi.mi",
    "module last": "import vmi; called = vmi.mi; import vmi.mi.discrete",
}


@pytest.mark.parametrize("code", ORDERS.values(), ids=ORDERS)
def test_a_package_can_be_called_in_whatever_order_things_are_imported(code):
    rest = "import sys; print(callable(called), sys.modules['vmi.mi'] is called, called.ESTIMATORS)"
    assert as_process(f"{code}; {rest}").startswith("True True ")


def test_the_packages_have_the_signatures_of_functions():
    names = [*"xyz", "estimators", "seed", "groups", "permutations", "local"]
    assert list(inspect.signature(vmi.mi).parameters) == names
    assert str(inspect.signature(vmi.verify)).startswith("(*rooms: str)")
    assert "Args:" in vmi.mi.__call__.__doc__ and "Args:" in vmi.score.__doc__


# ---------------------------------------------------------------- what is given


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_codes_of_any_kind_of_array_have_the_same_scores(kind):
    arguments = {"scale": np.full_like(CODES, 0.1), "categorical": P, "labels": FACTORS[:, 0]}
    metrics = ["mig", "information-categorical", "information", "accuracy-majority"]
    expected = vmi.score(CODES, FACTORS, metrics=metrics, **arguments)
    found = {name: kind(array) for name, array in arguments.items()}
    names = ["factor-0", "factor-1"]
    same(
        vmi.score(kind(CODES), kind(FACTORS), factor_names=names, metrics=metrics, **found),
        expected,
    )
    assert (expected["state"] == "value").all()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_pairs_of_any_kind_of_array_have_the_same_information(kind):
    expected = vmi.mi(X, np.stack([Y, X], 1), Z, estimators=["conditional-ksg-3"])
    found = vmi.mi(kind(X), kind(np.stack([Y, X], 1)), kind(Z), estimators=["conditional-ksg-3"])
    same(found, expected)
    whole = np.arange(N) % 3
    assert vmi.mi(kind(whole), kind(whole), estimators="plug-in")["value"][0] > 1


def test_half_precision_is_read():
    x = torch.tensor(X, dtype=torch.bfloat16)
    value = vmi.mi(x, Y, estimators=["cca"])["value"][0]
    assert value == vmi.mi(x.float().numpy(), Y, estimators=["cca"])["value"][0]


def test_a_file_and_a_mapping_are_as_good_as_the_arrays(tmp_path):
    arrays = {"codes": CODES, "codes_categorical": P, "factors": FACTORS}
    np.savez(tmp_path / "a.npz", **arrays)
    metrics = ["mig", "information-categorical"]
    expected = vmi.score(CODES, FACTORS, categorical=P, metrics=metrics)
    same(vmi.score(tmp_path / "a.npz", metrics=metrics), expected)
    same(vmi.score(str(tmp_path / "a.npz"), metrics=metrics), expected)
    same(vmi.score(arrays, metrics=metrics), expected)
    np.savez(tmp_path / "b.npz", codes=CODES)
    same(vmi.score(tmp_path / "b.npz", FACTORS, categorical=P, metrics=metrics), expected)


def test_factors_in_a_frame_bring_their_names():
    factors = pd.DataFrame(FACTORS, columns=["shape", "size"])
    found = vmi.score(CODES, factors, categorical=P, metrics="accuracy-majority")
    assert list(found["measure"]) == [
        "accuracy-majority",
        "accuracy-majority/shape",
        "accuracy-majority/size",
    ]


def test_a_frame_says_by_its_columns_which_factors_are_classes():
    factors = pd.DataFrame({"shape": FACTORS[:, 0], "angle": X})
    metrics = ["mig-binned-factors", "linear-probe"]
    found = vmi.score(CODES, factors, metrics=metrics)
    assert set(found["state"]) == {"value"}
    same(found, vmi.score(CODES, np.c_[FACTORS[:, 0], X], discrete=[True, False], metrics=metrics))
    truths = pd.DataFrame({"shape": FACTORS[:, 0], "round": FACTORS[:, 1] == 1})
    same(vmi.score(CODES, truths, metrics="mig"), vmi.score(CODES, FACTORS, metrics="mig"))


def test_categorical_blocks_may_be_several_and_alone():
    one = vmi.score(categorical=P, metrics=["information-categorical"])["value"][0]
    two = vmi.score(categorical=[P, P], metrics=["information-categorical"])["value"][0]
    assert 0 < one < two


def test_other_seeds_are_arrays_or_files(tmp_path):
    np.savez(tmp_path / "b.npz", codes=CODES + 1)

    def firsts(seed_codes):
        return [vmi.Estimate(float(codes.mean[0, 0])) for codes in seed_codes]

    found = vmi.score(CODES, others=[CODES + 2, tmp_path / "b.npz"], metrics=[firsts])
    assert list(found["measure"]) == ["firsts", "firsts/other-0", "firsts/b.npz"]
    assert found["value"].tolist() == [CODES[0, 0], CODES[0, 0] + 2, CODES[0, 0] + 1]
    named = vmi.score(CODES, others={"again": CODES}, metrics=[firsts])
    assert list(named["measure"]) == ["firsts", "firsts/again"]


def test_functions_are_called_with_what_they_ask_for():
    def spread(codes, factors, *, power=2):
        return codes.mean.std() ** power

    def covariance(x, y):
        return float((x * y).mean())

    found = vmi.score(CODES, FACTORS, metrics=["mig", spread])
    assert list(found["measure"]) == ["mig", "spread"]
    assert found["value"][1] == float(torch.from_numpy(CODES).std() ** 2)
    assert vmi.mi(X, Y, estimators=[covariance])["value"][0] == float((X * Y).mean())


# ---------------------------------------------------------------- what comes back


def test_the_columns_are_those_of_records_in_their_order():
    found = vmi.score(CODES, metrics=["active-units"])
    assert tuple(found.columns) == ("measure", *COLUMNS)
    assert [name for name in records.COLUMNS if name in found] == list(found.columns)
    found = vmi.mi(X, Y, estimators=["cca"])
    assert [name for name in records.COLUMNS if name in found] == list(found.columns)


def test_the_commands_print_the_same_rows(tmp_path, capsys):
    np.savez(tmp_path / "codes.npz", codes=CODES, codes_categorical=P, factors=FACTORS)
    np.savez(tmp_path / "pairs.npz", x=X, y=Y)

    def printed(*arguments):
        assert main([*arguments, "--json"]) == 0
        return pd.DataFrame(json.loads(capsys.readouterr().out)).drop(columns="name")

    file, metrics = str(tmp_path / "codes.npz"), ["mig", "accuracy-majority", "elbo"]
    found = vmi.score(file, metrics=metrics)
    rows = printed("score", file, "--metrics", ",".join(metrics))
    same(rows.astype(found.dtypes), found)
    file, estimators = str(tmp_path / "pairs.npz"), ["ksg-3", "cca", "plug-in"]
    found = vmi.mi(X, Y, estimators=estimators)
    rows = printed("mi", file, "--estimators", ",".join(estimators))
    same(rows.astype(found.dtypes), found)


def test_a_failure_and_what_has_no_meaning_are_rows():
    def bad(codes):
        raise KeyError("no such")

    found = vmi.score(CODES, metrics=["mig", bad]).set_index("measure")
    assert found["state"].to_dict() == {"mig": "not applicable", "bad": "failed"}
    assert found["value"].isna().all() and "no such" in found.loc["bad", "error"]
    assert (found["warning"] == "").all()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: vmi.score(CODES, FACTORS[1:]), "codes 120, factors 119"),
        (lambda: vmi.score(CODES[:, 0]), r"^'codes' has the shape \(120,\), not \(N, D\)"),
        (lambda: vmi.score(CODES, metrics=["migs"]), "did you mean 'mig'"),
        (lambda: vmi.score(CODES, metrics=[]), "no metric is named"),
        (lambda: vmi.score([[1.0], [1.0, 2.0]]), "'codes' is not an array"),
        (lambda: vmi.score("nowhere.npz"), "nowhere.npz: cannot be read"),
        (lambda: vmi.score(), "holds neither 'codes' nor|neither 'codes' nor"),
        (lambda: vmi.score(CODES, others=[CODES[1:]]), "other-0 has 119 rows, and codes 120"),
        (lambda: vmi.mi(X, Y[1:]), "x 120, y 119"),
        (lambda: vmi.mi(X, np.ones(N)), "^'y' is constant"),
        (lambda: vmi.mi(X, [f"{y}" for y in Y]), "'y' holds text"),
        (lambda: vmi.mi(X, pd.Series(["a", "b"] * (N // 2))), "'y' holds text"),
        (lambda: vmi.mi(X, Y, estimators=["infonc"]), "did you mean 'infonce'"),
    ],
)
def test_what_is_wrong_is_an_error_that_can_be_caught(call, text):
    with pytest.raises(vmi.UserError, match=text):
        call()


def test_what_deserves_a_look_is_a_warning_at_the_line_of_the_caller():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        vmi.score(np.c_[CODES, np.ones(N)], metrics=["active-units"])
        vmi.mi(np.c_[X, np.ones(N)], Y, estimators=["cca"])
    assert [str(warning.message) for warning in caught] == [
        "column 2 of codes is constant (counted from 0)",
        "column 1 of x is constant (counted from 0); left out",
    ]
    assert {warning.category for warning in caught} == {vmi.DataWarning}
    assert {warning.filename for warning in caught} == {__file__}


def test_what_codes_alone_are_asked_for_is_what_a_model_is_asked_for():
    from vmi.commands.context import CodesContext

    assert set(Context.offered) < set(CodesContext.offered)


# ---------------------------------------------------------------- known answers and records


def test_the_known_answers_are_a_frame(monkeypatch, capsys):
    case = vmi.verify.Case("ksg-3", "a case", 1.0, lambda: 1.05, 0.1, 0.1, "a paper")
    for room, listed in (("one", [case]), ("two", [])):
        monkeypatch.setitem(vmi.verify.ROOMS, room, f"rooms.{room}")
        module = type("Room", (), {"cases": staticmethod(lambda listed=listed: listed)})
        monkeypatch.setitem(sys.modules, f"rooms.{room}", module)
    found = vmi.verify("one", "two", "one")
    assert found["holds"].tolist() == [True, False]
    assert found.loc[0, ["instrument", "case", "truth", "got", "source"]].tolist() == [
        "ksg-3",
        "a case",
        1.0,
        1.05,
        "a paper",
    ]
    assert "there are none" in found.loc[1, "error"]
    assert capsys.readouterr() == ("", "")
    main(["verify", "one", "two", "--json"])
    assert list(json.loads(capsys.readouterr().out)[0]) == list(found.columns)


def test_records_are_loaded_from_a_folder(tmp_path):
    row = records.Record("mine", "digits", "vae", "", 0, 3, "elbo", 1 / 3)
    records.write([row], tmp_path / "records.csv")
    for results in (tmp_path, str(tmp_path)):
        found = vmi.load(results)
        assert tuple(found.columns) == records.COLUMNS
        assert found.loc[0, ["method", "seed", "value"]].tolist() == ["vae", 3, 1 / 3]


def test_records_of_a_published_suite_are_loaded_by_its_name_from_anywhere(workplace):
    assert set(vmi.load("demo")["suite"]) == {"demo"}
    os.mkdir("demo")  # a folder that holds no records is in nobody's way
    assert set(vmi.load("demo")["suite"]) == {"demo"}


def test_results_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(vmi.UserError, match=r"holds no records\.csv"):
        vmi.load(tmp_path)
    with pytest.raises(vmi.UserError, match="did you mean 'demo'"):
        vmi.load("deno")


# ---------------------------------------------------------------- the README


def test_the_readme_shows_what_python_and_the_shell_give(workplace, capsys):
    text = (ROOT / "README.md").read_text().partition("## Your own codes")[2]
    code, shell = re.findall(r"```(?:python)?\n(.*?)```", text, re.S)[:2]
    given = {}
    exec(code, given)
    command, _, *shown = shell.splitlines()
    assert main(command.removeprefix("$ vmi ").split()) == 0
    printed = capsys.readouterr().out.splitlines()[1:]
    values = given["frame"].set_index("measure")["value"]
    assert [line.split()[0] for line in shown] == [line.split()[0] for line in printed]
    assert [line.split()[0] for line in shown] == list(values.index)
    for line, again in zip(shown, printed, strict=True):
        name, value = line.split()[:2]
        assert f"{values[name]:.4f}" == again.split()[1]
        assert abs(values[name] - float(value)) < 0.05  # clusters differ between processors
