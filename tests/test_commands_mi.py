"""`vmi mi`: two arrays of the user's own, from a file to records."""

import json
import math

import numpy as np
import pytest

import vmi
from vmi.__main__ import main
from vmi.commands.rows import COLUMNS
from vmi.mi.cca import cca
from vmi.mi.neighbours import conditional_ksg, ksg

N = 400
FEW = {"ksg", "ksg2", "mixed-ksg", "conditional-ksg", "plug-in", "miller-madow", "cca", "infonce"}


def normal(rho=0.8, seed=0, n=N):
    x, noise = np.random.default_rng(seed).normal(size=(2, n))
    return {"x": x, "y": rho * x + math.sqrt(1 - rho**2) * noise}


@pytest.fixture
def write(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "pairs.npz", **arrays)
        return str(tmp_path / "pairs.npz")

    return write


@pytest.fixture
def estimated(capsys):
    """Runs `vmi mi --json`; returns the records by name, and what was said on the side."""

    def estimated(*arguments):
        assert main(["mi", *map(str, arguments), "--json"]) == 0
        out, err = capsys.readouterr()
        records = json.loads(out, parse_constant=pytest.fail)
        assert all(tuple(record) == ("name", "method", *COLUMNS) for record in records)
        return {record["method"]: record for record in records}, err

    return estimated


# ---------------------------------------------------------------- what is computed


def test_a_record_is_what_the_estimator_says(write, estimated):
    pairs = normal()
    records, err = estimated(write(**pairs), "--estimators", "ksg-5,cca")
    assert list(records) == ["ksg-5", "cca"]
    assert records["ksg-5"]["value"] == ksg(**pairs, k=5).value
    assert records["cca"]["stderr"] == cca(**pairs).stderr
    assert {record["unit"] for record in records.values()} == {"nats"}
    assert {record["n"] for record in records.values()} == {N}
    assert err == ""


def test_the_truth_of_a_correlated_normal_is_found(write, estimated):
    truth = -math.log(1 - 0.8**2) / 2
    records, _ = estimated(write(**normal(n=2000)), "--estimators", "ksg-3,ksg2-3,mixed-ksg-3,cca")
    for record in records.values():
        assert abs(record["value"] - truth) < 4 * record["stderr"]


def test_rows_of_one_column_and_of_several_are_read(write, estimated):
    pairs = normal()
    flat, _ = estimated(write(**pairs), "--estimators", "ksg-3")
    tall, _ = estimated(
        write(x=pairs["x"][:, None], y=pairs["y"][:, None]), "--estimators", "ksg-3"
    )
    assert flat["ksg-3"]["value"] == tall["ksg-3"]["value"]


def test_integers_are_discrete_and_counted(write, estimated):
    x = np.arange(N) % 4
    records, _ = estimated(write(x=x, y=(x + 1) % 4), "--estimators", "plug-in,ksg-3")
    assert records["plug-in"]["value"] == pytest.approx(math.log(4), abs=1e-12)
    assert "discrete" in records["ksg-3"]["error"] and records["ksg-3"]["value"] is None


def test_with_z_only_what_conditions_on_it_applies(write, estimated):
    pairs = normal() | {"z": np.random.default_rng(1).normal(size=(N, 1))}
    records, _ = estimated(write(**pairs))
    assert list(records) == ["conditional-ksg-3"]
    assert records["conditional-ksg-3"]["value"] == conditional_ksg(**pairs).value
    records, _ = estimated(write(**pairs), "--estimators", "ksg-3")
    assert "does not condition on z" in records["ksg-3"]["error"]


def test_without_z_what_conditions_on_it_does_not_apply(write, estimated):
    records, _ = estimated(write(**normal()), "--estimators", "conditional-ksg")
    assert "there is none" in records["conditional-ksg"]["error"]
    assert records["conditional-ksg"]["state"] == "not applicable"
    assert records["conditional-ksg"]["value"] is None


def test_without_names_all_that_applies_is_computed(write, estimated, monkeypatch):
    for name in (
        vmi.ESTIMATORS.keys() - FEW
    ):  # each of the others takes a second, and runs elsewhere
        monkeypatch.delitem(vmi.ESTIMATORS.cards, name)
    x = np.arange(60) % 3
    records, _ = estimated(write(x=x, y=np.random.default_rng(0).integers(0, 3, 60)))
    assert {"plug-in", "miller-madow", "mixed-ksg-3", "infonce"} <= records.keys()
    assert not {"ksg-3", "ksg2-3", "conditional-ksg-3"} & records.keys()
    assert not any(record["state"] == "not applicable" for record in records.values())


def test_the_seed_decides(write, estimated):
    arguments = (write(**normal()), "--estimators", "infonce")

    def value(*more):
        return estimated(*arguments, *more)[0]["infonce"]["value"]

    assert value("--seed", 1) == value("--seed", 1) != value("--seed", 2)


def test_an_estimator_of_the_users_own_is_called_with_what_it_asks_for(workplace, estimated):
    (workplace / "mine.py").write_text("def covariance(x, y):\n    return float((x * y).mean())\n")
    np.savez("own.npz", x=[1, 2, 3], y=[1.0, 0.0, 1.0])
    records, _ = estimated("own.npz", "--estimators", "mine:covariance")
    assert records["covariance"]["value"] == 4 / 3


# ---------------------------------------------------------------- what is refused or flagged

X, Y = normal().values()
HOLE = np.where(np.arange(N) == 7, np.nan, X)
MALFORMED = {
    "nothing": ({}, "'x' is missing; there is: none"),
    "no y": ({"x": X}, "'y' is missing; there is: x"),
    "lengths": ({"x": X, "y": Y[1:]}, "x 400, y 399"),
    "length of z": ({"x": X, "y": Y, "z": X[:5]}, "x 400, y 400, z 5"),
    "NaN": ({"x": HOLE, "y": Y}, "'x' holds NaN or infinity, first in row 7"),
    "NaN in z": ({"x": X, "y": Y, "z": HOLE}, "'z' holds NaN"),
    "infinity": ({"x": X, "y": np.full(N, np.inf)}, "'y' holds NaN or inf"),
    "one row": ({"x": X[:1], "y": Y[:1]}, "'x' has 1 rows"),
    "no rows": ({"x": X[:0], "y": Y[:0]}, "'x' has 0 rows"),
    "three": ({"x": X.reshape(100, 2, 2), "y": Y}, "'x' has the shape (100, 2, 2)"),
    "a number": ({"x": 1.0, "y": Y}, "'x' has the shape ()"),
    "text": ({"x": X.astype(str), "y": Y}, "'x' holds text, not numbers"),
    "objects": ({"x": X.astype(object), "y": Y}, "write x.astype(float)"),
    "no columns": ({"x": X[:, None][:, :0], "y": Y}, "'x' has no columns"),
    "constant": ({"x": X, "y": np.ones(N)}, "'y' is constant"),
    "all constant": ({"x": np.ones((N, 2)), "y": Y}, "'x' is constant"),
}


@pytest.mark.parametrize(("arrays", "said"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_refused_in_one_line(arrays, said, write, capsys):
    assert main(["mi", write(**arrays)]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("vmi: error: ") and said in err
    assert (out, err.count("\n")) == ("", 1)


def test_a_constant_column_is_flagged_and_left_out(write, estimated):
    padded = np.c_[Y, np.ones(N), np.zeros(N)]
    records, err = estimated(write(x=X, y=padded), "--estimators", "ksg-3")
    assert err == "vmi: beware: columns 1, 2 of y are constant (counted from 0); left out\n"
    assert records["ksg-3"]["value"] == ksg(X, Y).value


def test_where_nothing_applies_one_reason_is_given(write, capsys):
    assert main(["mi", write(x=X[:3], y=Y[:3], z=X[:3])]) == 2
    err = capsys.readouterr().err
    assert "nothing applies" in err and err.count("\n") == 1


def test_a_constant_z_changes_nothing(write, estimated):
    records, err = estimated(write(x=X, y=Y, z=np.ones(N)), "--estimators", "ksg-3")
    assert err.startswith("vmi: beware: z is constant") and err.count("\n") == 1
    assert records["ksg-3"]["value"] == ksg(X, Y).value


def test_an_unknown_estimator_is_refused_with_the_nearest(capsys):
    assert main(["mi", "nowhere.npz", "--estimators", "infonc"]) == 2
    assert "did you mean 'infonce'?" in capsys.readouterr().err


def test_a_table_is_printed(write, capsys):
    assert main(["mi", write(**normal()), "--estimators", "cca,plug-in"]) == 0
    out, err = capsys.readouterr()
    header, cca_row, plug_in, why = out.splitlines()
    assert err == ""
    assert header.split()[:2] == ["method", "value"] and cca_row.split()[0] == "cca"
    assert plug_in.split()[:2] == ["plug-in", "-"] and "floats" in why
