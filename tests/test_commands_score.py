"""`vmi score`: codes of the user's own, from a file to records."""

import io
import json
import math
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vmi.__main__ import main
from vmi.commands.codes import KNOWN
from vmi.commands.rows import COLUMNS
from vmi.metrics.mig import mig
from vmi.mi.aggregate import information_categorical
from vmi.nets.codes import Codes

N = 240


def world(seed=0):
    """Two factors, seen by one Gaussian dimension each, and a noisy category for the first."""
    random = np.random.default_rng(seed)
    factors = random.integers(0, [3, 4], (N, 2))
    codes = np.c_[factors + 0.01 * random.normal(size=(N, 2)), random.normal(size=N)]
    return {
        "codes": codes,
        "codes_categorical": 0.9 * np.eye(3)[factors[:, 0]] + 0.1 / 3,
        "factors": factors,
    }


@pytest.fixture
def write(tmp_path):
    def write(name="own.npz", **arrays):
        np.savez(tmp_path / name, **{k: v for k, v in arrays.items() if v is not None})
        return str(tmp_path / name)

    return write


@pytest.fixture
def scored(capsys):
    """Runs `vmi score --json`; returns the records by name, and what was said on the side."""

    def scored(*arguments):
        assert main(["score", *map(str, arguments), "--json"]) == 0
        out, err = capsys.readouterr()
        records = json.loads(out, parse_constant=pytest.fail)
        assert all(tuple(record) == ("name", "measure", *COLUMNS) for record in records)
        names = [record["measure"] for record in records]
        assert len(set(names)) == len(names)
        return {record["measure"]: record for record in records}, err

    return scored


# ---------------------------------------------------------------- what is computed


def test_a_record_is_what_the_metric_says(write, scored):
    arrays = world()
    records, err = scored(write(**arrays), "--metrics", "mig,information-categorical")
    mean, factors = torch.from_numpy(arrays["codes"]), torch.from_numpy(arrays["factors"])
    codes = Codes(mean, torch.ones_like(mean), (torch.from_numpy(arrays["codes_categorical"]),))
    expected = mig(codes, factors)
    assert records["mig"]["value"] == expected.value
    assert records["mig"]["ceiling"] == expected.ceiling
    assert records["mig"]["convention"] == expected.convention
    assert records["mig"]["stderr"] is None
    exact, found = information_categorical(codes), records["information-categorical"]
    assert (found["value"], found["unit"], found["bound"]) == (exact.value, "nats", "exact")
    assert found["low"] < found["value"] < found["high"] and found["n"] == N
    assert err == ""


def test_the_information_of_a_sure_category_is_its_entropy(write, scored):
    records, _ = scored(write(codes_categorical=np.eye(4)[np.arange(N) % 4]))
    assert records["information-categorical"]["value"] == pytest.approx(math.log(4), abs=1e-12)


def test_without_names_all_that_applies_is_computed_and_nothing_else(write, scored):
    records, _ = scored(write(codes=world()["codes"]))
    assert "active-units" in records
    assert not {"mig", "information", "information-categorical", "vmi-bound"} & records.keys()
    assert not any(record["state"] == "not applicable" for record in records.values())


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ("vmi-bound", "wants a model"),
        ("information", "no scales"),
        ("mig", "no factors"),
        ("accuracy-majority", "neither labels nor"),
        ("information-categorical", "no categorical block"),
    ],
)
def test_a_metric_asked_for_that_does_not_apply_is_a_record_with_the_reason(
    metric, why, write, scored
):
    records, _ = scored(write(codes=world()["codes"]), "--metrics", metric)
    assert records[metric]["value"] is None
    assert records[metric]["state"] == "not applicable"
    assert why in records[metric]["error"]


def test_scales_make_the_information_computable(write, scored):
    arrays = world()
    path = write(**arrays, codes_scale=np.full((N, 3), 0.1, np.float32))
    records, _ = scored(path, "--metrics", "information")
    rate, whole = records["information/rate"], records["information"]
    assert records["information/infonce"]["bound"] == "lower"
    assert 0 < whole["value"] <= rate["value"]


def test_zeros_for_scales_are_said_to_be_no_scales(write, scored):
    arrays = world()
    path = write(**arrays, codes_scale=np.zeros((N, 3)))
    records, err = scored(path, "--metrics", "information,mig")
    assert "no scales" in records["information"]["error"]
    assert records["mig"]["value"] > 0
    assert err.startswith("vmi: beware: codes_scale") and err.count("\n") == 1


def test_a_float_factor_is_continuous_and_one_of_whole_numbers_is_flagged(write, scored):
    arrays = world() | {"factors": world()["factors"].astype(float)}
    records, err = scored(write(**arrays), "--metrics", "mig,accuracy-majority")
    assert records["accuracy-majority"]["state"] == "not applicable"
    assert err.startswith("vmi: beware: ") and "whole" in err and err.count("\n") == 1


def test_classes_may_be_any_integers(write, scored):
    arrays = world()
    renamed = np.array([-7, 2**40, 2**62, 2**62 + 1])[arrays["factors"]]
    plain, _ = scored(write(**arrays), "--metrics", "mig,accuracy-majority")
    other, _ = scored(write(**arrays | {"factors": renamed}), "--metrics", "mig,accuracy-majority")
    assert {k: r["value"] for k, r in plain.items()} == {k: r["value"] for k, r in other.items()}


def test_what_codes_save_writes_is_read(tmp_path, scored):
    arrays = {name: torch.from_numpy(array) for name, array in world().items()}
    mean, p = arrays["codes"].float(), arrays["codes_categorical"].float()
    codes = Codes(mean, torch.ones_like(mean), (p, p), arrays["factors"][:, 0], arrays["factors"])
    codes.save(tmp_path / "codes.npz")
    records, err = scored(tmp_path / "codes.npz", "--metrics", "mig,accuracy-majority")
    assert records["mig"]["value"] == mig(codes, codes.factors).value
    assert list(records) == ["mig", "accuracy-majority"]  # of the labels, not of each factor
    assert err == ""


# ---------------------------------------------------------------- labels and halves


def test_one_half_is_fitted_and_the_other_scored(write, scored):
    labels = np.arange(N) % 4
    path = write(codes_categorical=np.eye(4)[labels], factors=labels)
    records, _ = scored(path, "--metrics", "accuracy-majority")
    assert records["accuracy-majority"]["value"] == 1
    assert records["accuracy-majority"]["n"] == N // 2


def test_a_code_that_names_each_image_is_no_good_on_the_other_half(write, scored):
    labels = np.arange(100) % 2
    path = write(codes_categorical=np.eye(100), factors=labels)
    records, _ = scored(path, "--metrics", "accuracy-majority")
    assert records["accuracy-majority"]["value"] == 0  # 1, if it were scored where it was fitted


def test_with_several_factors_each_has_a_record_and_the_plain_name_is_their_mean(write, scored):
    path = write(**world(), factor_names=["shape", "scale"])
    records, _ = scored(path, "--metrics", "accuracy-majority")
    shape, scale = records["accuracy-majority/shape"], records["accuracy-majority/scale"]
    mean = records["accuracy-majority"]
    assert mean["value"] == (shape["value"] + scale["value"]) / 2
    assert shape["value"] == 1 > scale["value"]
    assert "mean over factors" in mean["convention"] and mean["stderr"] is None


def test_the_halves_of_several_factors_are_the_same(write, scored):
    one = world()["factors"][:, :1]
    arrays = world() | {"factors": np.c_[one, one]}
    records, _ = scored(write(**arrays), "--metrics", "accuracy-majority")
    pair = [records[f"accuracy-majority/factor-{i}"] for i in range(2)]
    rest = [column for column in COLUMNS if column != "seconds"]
    assert len({tuple(r[column] for column in rest) for r in pair}) == 1


def test_the_seed_decides_and_nothing_else_does(write, scored):
    arrays = world()
    blurred = np.full((N, 3), 1 / 3) + 0.2 * (np.eye(3)[arrays["factors"][:, 1] % 3] - 1 / 3)
    path = write(**arrays | {"codes_categorical": blurred}, codes_scale=np.ones((N, 3)))
    metrics = ("--metrics", "accuracy-majority,information")

    def values(*more):
        records, _ = scored(path, *metrics, *more)
        return {name: record["value"] for name, record in records.items()}

    first, alone = values("--seed", "3"), scored(path, "--metrics", "information", "--seed", "3")
    assert first == values("--seed", "3") != values("--seed", "4")
    assert alone[0]["information"]["value"] == first["information"]


def test_a_metric_of_the_users_own_is_called_with_what_it_asks_for(workplace, scored):
    (workplace / "mine.py").write_text(
        "def spread(codes, train_codes):\n"
        "    return len(codes) * 1000 + len(train_codes)\n"
        "def together(codes, factors, generator, *, k=1):\n"
        "    return float('inf')\n"
    )
    np.savez("own.npz", **world())
    records, _ = scored("own.npz", "--metrics", "mine:spread,mine:together")
    assert records["spread"]["value"] == 120 * 1000 + 120
    assert records["together"]["value"] is None
    assert records["together"]["state"] == "failed"
    assert records["together"]["error"] == "the number is inf"


def test_a_metric_that_fails_is_a_record_of_one_line(workplace, scored):
    (workplace / "fails.py").write_text(
        "def bad(codes):\n    raise KeyError('no\\nsuch')\n"
        "def warned(codes):\n"
        "    from vmi import Estimate\n"
        "    return Estimate(1.0, warning='thin \\n ice')\n"
    )
    np.savez("own.npz", **world())
    records, _ = scored("own.npz", "--metrics", "fails:bad,fails:warned,mig")
    assert "KeyError" in records["bad"]["error"] and "\n" not in records["bad"]["error"]
    assert records["bad"]["state"] == "failed"
    assert (records["warned"]["value"], records["warned"]["warning"]) == (1.0, "thin ice")
    assert (records["warned"]["state"], records["warned"]["error"]) == ("value", "")
    assert records["mig"]["value"] > 0


def test_a_warning_of_a_library_is_one_line_on_the_side(workplace, scored):
    (workplace / "warns.py").write_text(
        "import warnings\n"
        "def loud(codes):\n    for _ in range(2):\n        warnings.warn('thin\\nice')\n"
        "    return 1.0\n"
    )
    np.savez("own.npz", **world())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        records, err = scored("own.npz", "--metrics", "warns:loud")
    assert records["loud"]["value"] == 1
    assert err == "vmi: beware: warns:loud: thin ice\n"


def test_other_seeds_are_offered_to_a_metric_across_seeds(workplace, scored):
    (workplace / "across.py").write_text(
        "from vmi import Estimate\n"
        "def firsts(seed_codes):\n"
        "    return [Estimate(float(codes.mean[0, 0])) for codes in seed_codes]\n"
    )
    for name, seed in (("a.npz", 0), ("b.npz", 1), ("c.npz", 2)):
        np.savez(name, codes=world(seed)["codes"])
    args = ("a.npz", "--metrics", "across:firsts")
    records, _ = scored(*args, "--others", "b.npz", "c.npz")
    expected = [world(seed)["codes"][0, 0] for seed in range(3)]
    assert [record["value"] for record in records.values()] == expected
    assert list(records) == ["firsts", "firsts/b.npz", "firsts/c.npz"]
    records, _ = scored(*args)
    assert "--others" in records["firsts"]["error"]


# ---------------------------------------------------------------- what is refused or flagged


def with_hole(array):
    array = np.array(array, float)
    array[5, 0] = np.nan
    return array


CODES, P, FACTORS = (world()[name] for name in ("codes", "codes_categorical", "factors"))
MANY = np.arange(10_001)[:, None]
MALFORMED = {
    "nothing": ({}, "holds neither 'codes' nor 'codes_categorical'"),
    "no codes": ({"factors": FACTORS}, "holds neither 'codes' nor 'codes_categorical'"),
    "lengths": ({"codes": CODES, "factors": FACTORS[:-1]}, "codes 240, factors 239"),
    "lengths of labels": ({"codes": CODES, "labels": [1, 2]}, "codes 240, labels 2"),
    "lengths of blocks": ({"codes": CODES, "codes_categorical": P[:9]}, "codes_categorical 9"),
    "NaN in codes": ({"codes": with_hole(CODES)}, "'codes' holds NaN or infinity, first in row 5"),
    "NaN in factors": ({"codes": CODES, "factors": with_hole(FACTORS)}, "'factors' holds NaN"),
    "infinity": ({"codes": CODES * np.inf}, "'codes' holds NaN or infinity, first in row 0"),
    "too wide": ({"codes": np.full((9, 2), np.finfo(np.longdouble).max)}, "NaN or infinity"),
    "one row": ({"codes": CODES[:1]}, "'codes' has 1 rows"),
    "no rows": ({"codes": CODES[:0]}, "'codes' has 0 rows"),
    "no columns": ({"codes": CODES[:, :0]}, "'codes' has no columns"),
    "one dimension": ({"codes": CODES[:, 0]}, "not (N, D): write codes[:, None]"),
    "three": ({"codes": CODES[..., None]}, "write codes.reshape(len(codes), -1)"),
    "a number": ({"codes": 3.0}, "'codes' has the shape ()"),
    "text": ({"codes": CODES.astype(str)}, "write codes.astype(float)"),
    "complex": ({"codes": CODES.astype(complex)}, "'codes' holds complex128, not numbers"),
    "objects": ({"codes": CODES.astype(object)}, "write codes.astype(float)"),
    "negative": ({"codes_categorical": P - 0.5}, "negative probabilities"),
    "sums": ({"codes_categorical": P * 1.01}, "the probabilities of row 0 sum to 1.01"),
    "scale shape": ({"codes": CODES, "codes_scale": CODES[:, :2]}, "'codes_scale' has the shape"),
    "scale length": ({"codes": CODES, "codes_scale": CODES[:9]}, "'codes_scale' has the shape"),
    "scale sign": ({"codes": CODES, "codes_scale": -abs(CODES)}, "'codes_scale' holds negative"),
    "two ways": (
        {"codes_categorical": P, "codes_categorical_0": P},
        "'codes_categorical' stands beside numbered ones",
    ),
    "a gap": ({"codes_categorical_0": P, "codes_categorical_2": P}, "'codes_categorical_1' is mis"),
    "too few names": (
        {"codes": CODES, "factors": FACTORS, "factor_names": ["a"]},
        "'factor_names' has 1 names, and 'factors' 2 columns",
    ),
    "a name twice": ({"codes": CODES, "factors": FACTORS, "factor_names": ["a", "a"]}, "twice"),
    "no name": ({"codes": CODES, "factors": FACTORS, "factor_names": ["a", ""]}, "empty name"),
    "names": ({"codes": CODES, "factors": FACTORS, "factor_names": [1, 2]}, "list of texts"),
    "labels of amounts": ({"codes": CODES, "labels": CODES[:, 0]}, "labels are floats, not whole"),
    "wide labels": ({"codes": CODES, "labels": FACTORS}, "not N whole numbers: save several"),
    "float labels": ({"codes": CODES, "labels": FACTORS[:, 0] / 1.0}, "write labels.astype(int)"),
    "one-hot": ({"codes": CODES, "labels": np.eye(3)[FACTORS[:, 0]]}, "write labels.argmax(1)"),
    "text labels": ({"codes": CODES, "labels": FACTORS[:, 0].astype(str)}, "write numpy.unique(la"),
    "object labels": ({"codes": CODES, "labels": FACTORS[:, 0].astype(object)}, ".astype(int)"),
    "text factors": ({"codes": CODES, "factors": FACTORS.astype(str)}, "write numpy.unique(fact"),
    "class numbers": (
        {"codes_categorical": FACTORS[:, 0]},
        "write numpy.eye(K)[codes_categorical]",
    ),
    "a column of them": (
        {"codes_categorical": FACTORS[:, :1]},
        "numpy.eye(K)[codes_categorical[:, 0",
    ),
    "counts": ({"codes_categorical": FACTORS}, "sum(1, keepdims=True) if they are counts"),
    "logits": ({"codes_categorical": CODES}, "write scipy.special.softmax(codes_categorical, 1)"),
    "transposed": ({"codes": CODES.T, "factors": FACTORS.T}, "Write codes.T, factors.T"),
    "one transposed": ({"codes": CODES, "factors": FACTORS.T}, "Write factors.T"),
    "huge": ({"codes": CODES * 1e150}, "'codes' holds numbers beyond 1e+100"),
    "wide": ({"codes": np.zeros((3, 60_000))}, "'codes' has 60,000 columns"),
    "a class a row": (
        {"codes": MANY / 1.0, "labels": MANY},
        "'labels' holds 10,001 classes: save an",
    ),
    "a factor a row": ({"codes": MANY / 1.0, "factors": MANY}, "'factors' holds 10,001 classes"),
    "long discrete": ({"codes": CODES, "factors": FACTORS, "discrete": [1]}, "2 truth values"),
    "a half class": (
        {"codes": CODES, "factors": FACTORS + 0.5, "discrete": [True, False]},
        "'discrete' names a factor that is not of whole numbers",
    ),
}


@pytest.mark.parametrize(("arrays", "said"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_refused_in_one_line(arrays, said, write, capsys):
    assert main(["score", write(**arrays)]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("vmi: error: ") and said in err
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (b"", "it is empty"),
        (b"\x80\x04}q\x00.", "torch.load"),
        (b"\x93NUMPY\x01", "numpy.load"),
        (b"MATLAB 5.0 MAT-file", "scipy.io.loadmat"),
        (b"\x89HDF\r\n", "h5py.File"),
        (b"PAR1....", "pandas.read_parquet"),
        (b"\x10\0\0\0\0\0\0\0{}", "safetensors.numpy.load_file"),
        (b"a,b\n1,2\n", "numpy.loadtxt or pandas.read_csv"),
    ],
)
def test_a_file_of_another_kind_is_told_what_reads_it(contents, said, tmp_path, capsys):
    (tmp_path / "bad.npz").write_bytes(contents)
    assert main(["score", str(tmp_path / "bad.npz")]) == 2
    err = capsys.readouterr().err
    assert "is no npz file" in err and said in err and err.count("\n") == 1


def test_a_file_of_torch_is_told_apart(tmp_path, capsys):
    torch.save({"codes": torch.zeros(10, 2)}, tmp_path / "a.pt")
    assert main(["score", str(tmp_path / "a.pt")]) == 2
    assert "a torch file: read it by torch.load" in capsys.readouterr().err


@pytest.mark.parametrize(
    "contents", [b"", b"hello", b"PK\x03\x04 and no more", b"\x80\x04}q\x00.", b"\x93NUMPY\x01"]
)
def test_a_file_that_is_no_npz_is_refused_in_one_line(contents, tmp_path, capsys):
    (tmp_path / "bad.npz").write_bytes(contents)
    assert main(["score", str(tmp_path / "bad.npz")]) == 2
    assert "is no npz file" in (err := capsys.readouterr().err) and err.count("\n") == 1


def test_a_file_cut_short_or_with_a_wrong_byte_is_refused_in_one_line(write, tmp_path, capsys):
    whole = bytearray(Path(write(codes=CODES)).read_bytes())
    wrong = whole.copy()
    wrong[300] ^= 255
    for contents, said in ((whole[:500], "is no npz file"), (wrong, "cannot be read")):
        (tmp_path / "bad.npz").write_bytes(contents)
        assert main(["score", str(tmp_path / "bad.npz")]) == 2
        assert said in (err := capsys.readouterr().err) and err.count("\n") == 1


def test_one_array_without_a_name_is_refused(tmp_path, capsys):
    np.save(tmp_path / "bare.npy", CODES)
    assert main(["score", str(tmp_path / "bare.npy")]) == 2
    assert "numpy.savez" in capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path, capsys):
    for path in (tmp_path / "none.npz", tmp_path):
        assert main(["score", str(path)]) == 2
        assert "cannot be read" in (err := capsys.readouterr().err) and err.count("\n") == 1


def test_an_unknown_metric_is_refused_with_the_nearest_before_the_file_is_read(capsys):
    assert main(["score", "nowhere.npz", "--metrics", "migs"]) == 2
    assert "did you mean 'mig'?" in capsys.readouterr().err
    assert main(["score", "nowhere.npz", "--metrics", "m" * 10**7]) == 2
    assert "more)" in (err := capsys.readouterr().err) and len(err) < 10_000
    assert (
        main(["score", "nowhere.npz", "--metrics", ",".join(map("mig-{}".format, range(2000)))])
        == 2
    )
    assert "2,000 metrics are named, more than 1,000" in capsys.readouterr().err


@pytest.mark.parametrize("names", ["", "mig,", ",", "mig,,mig-sup"])
def test_an_empty_name_is_refused(names, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["score", "own.npz", "--metrics", names])
    assert "a name is empty" in (err := capsys.readouterr().err) and err.count("\n") == 1


def test_a_metric_that_asks_for_what_nobody_has_is_refused(workplace, capsys):
    (workplace / "asks.py").write_text("def metric(moon): ...\ndef mig(codes): ...\n")
    assert main(["score", "own.npz", "--metrics", "asks:metric"]) == 2
    assert "asks for 'moon'" in capsys.readouterr().err
    assert main(["score", "own.npz", "--metrics", "mig,asks:mig"]) == 2
    assert "share a name" in capsys.readouterr().err


def test_other_seeds_of_other_images_are_refused(write, capsys):
    files = write(codes=CODES), write("b.npz", codes=CODES[:9])
    assert main(["score", files[0], "--others", files[1]]) == 2
    assert "b.npz has 9 rows" in capsys.readouterr().err
    assert main(["score", files[0], "--others", files[0], files[0]]) == 2
    assert "given twice" in capsys.readouterr().err


def test_a_constant_factor_is_flagged_and_left_out(write, scored):
    path = write(codes=CODES, codes_categorical=P, factors=np.c_[FACTORS, np.ones(N, int)])
    records, err = scored(path, "--metrics", "mig,accuracy-majority")
    without, _ = scored(write(**world()), "--metrics", "mig")
    assert err == "vmi: beware: factor 2 (from 0) is constant; it is left out\n"
    assert records["mig"]["value"] == without["mig"]["value"]
    assert "accuracy-majority/factor-2" not in records


def test_factors_that_are_all_constant_leave_the_codes(write, scored):
    path = write(codes=CODES, factors=np.ones(N, int), factor_names=["size"], labels=[1] * N)
    records, err = scored(path)
    assert "factor size is constant" in err and "labels is constant" in err
    assert "mig" not in records and "active-units" in records


def test_a_constant_dimension_is_flagged_and_kept(write, scored):
    records, err = scored(
        write(codes=np.c_[CODES, np.ones((N, 2))], codes_categorical=P[:1] + 0 * P)
    )
    assert err.splitlines()[:2] == [
        "vmi: beware: codes_categorical is constant",
        "vmi: beware: columns 3, 4 of codes are constant (counted from 0)",
    ]
    assert records["active-units"]["value"] == 3
    assert records["active-units"]["ceiling"] == 5


def test_what_nobody_reads_is_not_loaded_whatever_it_is(write, scored):
    about = np.array({"epoch": 3}, dtype=object)
    path = write(codes=CODES, about=about, images=np.zeros(9), factor=FACTORS)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("broken.npy", b"no array at all")
        archive.writestr("read.me", b"of no interest")
    _, err = scored(path, "--metrics", "active-units")
    assert "unknown arrays 'about', 'broken', 'factor' (did you mean 'factors'?), 'im" in err
    assert err.endswith("; they are not read\n") and err.count("\n") == 1


def npy(shape, contents=b""):
    """An array's file that says a shape of bytes and holds others."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + contents


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("codes.npy", npy((10**15, 1)))], "'codes' is said to hold 1 PB, and holds 0 bytes"),
        ([("codes.npy", npy((), bytes(3 * 10**6)))], "'codes' is said to hold 1 bytes, and holds"),
        ([("codes.npy", npy((2, 1), b"ab"))] * 2, "holds 'codes' twice"),
        ([("codes.npy", b"\x93NUMPY\x09\x00")], "'codes' "),
        ([("a.txt", b"")], "a zip archive without arrays"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_not_what_it_says_is_refused(members, said, tmp_path, capsys):
    with zipfile.ZipFile(tmp_path / "bad.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in members:
            archive.writestr(name, contents)
    assert main(["score", str(tmp_path / "bad.npz")]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_read(
    tmp_path, capsys, monkeypatch
):
    np.savez_compressed(tmp_path / "a.npz", codes=np.zeros((10**5, 2)))
    monkeypatch.setattr("vmi.commands.npz.FREELY", 10**6)
    assert main(["score", str(tmp_path / "a.npz")]) == 2
    assert "to 1.6 MB: save fewer rows" in capsys.readouterr().err
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1), codes=CODES, images=np.zeros((10**5, 2)))
    assert main(["score", str(tmp_path / "a.npz"), "--metrics", "active-units"]) == 0


def test_a_class_below_0_is_said_to_be_one(write, scored):
    labels = np.where(np.arange(N) % 3, FACTORS[:, 0], -1)
    _, err = scored(write(codes=CODES, labels=labels), "--metrics", "active-units")
    assert "labels: -1 is taken for a class of its own" in err and "80 of 240 rows" in err
    factors = np.c_[FACTORS[:, 1], labels]
    _, err = scored(write(codes=CODES, factors=factors), "--metrics", "active-units")
    assert "column 1 of factors: -1 is taken" in err and err.count("\n") == 1


def test_labels_alone_are_the_one_factor(write, scored):
    names = "mig,dci,explicitness"
    by_labels, err = scored(write(codes=CODES, labels=FACTORS[:, 0]), "--metrics", names)
    by_factor, _ = scored(write(codes=CODES, factors=FACTORS[:, 0]), "--metrics", names)
    assert err == "vmi: beware: there are no factors: the labels serve as the one factor\n"
    assert {name: record["value"] for name, record in by_labels.items()} == {
        name: record["value"] for name, record in by_factor.items()
    }


def test_classes_among_floats_are_flagged_and_can_be_named(write, scored):
    mixed = np.c_[FACTORS[:, 0], CODES[:, 1]]
    records, err = scored(write(codes=CODES, factors=mixed), "--metrics", "linear-probe")
    assert "columns 0 (from 0) hold whole numbers alone" in err and "`discrete`" in err
    assert records["linear-probe"]["state"] == "not applicable"
    known = {"codes": CODES, "factors": mixed, "discrete": [True, False]}
    records, err = scored(write(**known), "--metrics", "linear-probe,mig")
    alone, _ = scored(write(codes=CODES, labels=FACTORS[:, 0]), "--metrics", "linear-probe")
    assert err == ""
    assert records["linear-probe"]["value"] == alone["linear-probe"]["value"]
    assert records["mig"]["value"] > 0


def test_many_constants_and_a_warning_of_many_metrics_are_one_line_each(workplace, write, scored):
    (workplace / "own.py").write_text(
        "import warnings\n"
        + "".join(
            f"def a{i}(codes):\n    warnings.warn('round {i}')\n    return 0\n" for i in range(30)
        )
    )
    still = np.ones((N, 100), int)
    path = write(codes=np.c_[CODES, still], factors=np.c_[FACTORS, still])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        _, err = scored(path, "--metrics", ",".join(f"own:a{i}" for i in range(30)))
    assert "and 90 more are constant" in err and err.count("\n") == 3
    assert "own:a9 and 20 more: round 0" in err


def test_what_a_metric_prints_is_no_part_of_the_records(workplace, write, scored):
    (workplace / "loud.py").write_text(
        "print('im')\ndef metric(codes):\n    print(1)\n    return 0\n"
    )
    _, err = scored(write(codes=CODES), "--metrics", "loud:metric")
    assert err == "im\n1\n"


def test_a_metric_that_exits_is_a_record_with_the_reason(workplace, write, scored):
    (workplace / "own.py").write_text("def leave(codes):\n    raise SystemExit(3)\n")
    records, _ = scored(write(codes=CODES), "--metrics", "own:leave")
    assert records["leave"]["error"] == "SystemExit: 3"


def test_an_array_nobody_reads_is_flagged_with_the_nearest_name(write, scored):
    _, err = scored(write(codes=CODES, factor=FACTORS), "--metrics", "active-units")
    assert "did you mean 'factors'?" in err and err.count("\n") == 1


ARRAY = st.one_of(
    arrays(
        st.sampled_from(["f4", "f8", "f2", "i8", "u1", "?", "U2", "S2", "c8", "M8[s]"]),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=7),
    ),
    st.integers(2, 7).flatmap(
        lambda n: arrays(st.sampled_from(["f8", "i4"]), st.tuples(st.just(6), st.just(n)))
    ),
    st.just(np.eye(3)[[0, 1, 2, 0, 1, 2]]),
    st.just(np.arange(6) % 3),
    st.just(np.array([None] * 6)),
)
METRICS = "active-units,mig,nmi"


@fuzzed(2 / 3)
@given(st.dictionaries(st.sampled_from([*KNOWN, "codes_categorical_0", "x"]), ARRAY, max_size=4))
def test_whatever_a_file_holds_is_measured_or_refused_in_one_line(workplace, capsys, held):
    np.savez("own.npz", **held)
    code = main(["score", "own.npz", "--metrics", METRICS])
    out, err = capsys.readouterr()
    errors = [line for line in err.splitlines() if not line.startswith("vmi: beware: ")]
    assert (code, len(errors)) in ((0, 0), (2, 1)) and bool(out) == (code == 0), err
    assert all(line.startswith("vmi: error: own.npz: ") for line in errors)
    assert len(err.splitlines()) < 12


@fuzzed(1 / 3)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8), st.integers(0, 9))
def test_whatever_is_broken_in_a_file_is_noticed_in_one_line(workplace, capsys, at, bytes_, cut):
    np.savez("own.npz", codes=CODES[:6], factors=FACTORS[:6])
    whole = bytearray((workplace / "own.npz").read_bytes())
    at %= len(whole)
    whole[at : at + len(bytes_)] = bytes_
    (workplace / "own.npz").write_bytes(whole[: at if cut == 0 else None])
    code = main(["score", "own.npz", "--metrics", "active-units"])
    err = capsys.readouterr().err
    assert code in (0, 2) and len(err.splitlines()) <= 3 and "Traceback" not in err


# ---------------------------------------------------------------- what is printed


def test_the_table_is_aligned_and_says_why_there_is_no_number(write, capsys):
    main(["score", write(**world()), "--metrics", "mig,information,information-categorical"])
    header, first, second, why, _ = capsys.readouterr().out.splitlines()
    at = header.index("value") + len("value")
    assert first.startswith("mig ") and first[at - 1].isdigit() and first[at] == " "
    assert second[at - 1 : at + 1] == "- "
    assert why.strip().startswith("not applicable: ")
    assert max(map(len, (header, first, second))) <= 100


def test_it_speaks_json_on_one_stream_and_all_else_on_the_other(write, capsys):
    path = write(codes=np.c_[CODES, np.ones(N)], factors=FACTORS)
    assert main(["score", path, "--metrics", "mig,vmi-bound", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [record["measure"] for record in json.loads(out)] == ["mig", "vmi-bound"]
    assert err == "vmi: beware: column 3 of codes is constant (counted from 0)\n"


def test_as_a_process_it_refuses_with_code_2_whatever_the_names_letters(tmp_path):
    name = b"\xff\xfe\n.npz"
    command = [sys.executable, "-m", "vmi", "score", bytes(tmp_path) + b"/" + name]
    done = subprocess.run(command, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert done.stderr.startswith(b"vmi: error: ")


def test_the_table_is_printed_in_whatever_letters_there_are(write, monkeypatch):
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["score", write(**world()), "--metrics", "information-categorical"]) == 0
    assert b"\\xb1 stderr" in ascii_only.buffer.getvalue()
