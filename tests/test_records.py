"""Records come back bit for bit."""

import math
from dataclasses import fields

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmi import __version__
from vmi.estimate import Estimate
from vmi.records import COLUMNS, Place, Record, join, kept_rows, read, write

numbers = st.floats(allow_nan=True, allow_infinity=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20)


def record(**about):
    place = Place("s", "d", "vae")._asdict()
    return Record(**(place | {"measure": "mig", "value": 0.1} | about))


def back(path, *records):
    write(records, path)
    return [row._asdict() for row in read(path).itertuples(index=False)]


def equal(a, b):
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


def the_same(row, made):
    return all(equal(row[f.name], getattr(made, f.name)) for f in fields(made))


@given(value=numbers, stderr=numbers, ceiling=numbers, seconds=st.floats(0, 1e9), error=texts)
def test_a_record_comes_back_bit_for_bit(tmp_path_factory, value, stderr, ceiling, seconds, error):
    made = record(value=value, stderr=stderr, ceiling=ceiling, seconds=seconds, error=error)
    (row,) = back(tmp_path_factory.mktemp("records") / "records.csv", made)
    assert the_same(row, made)


@pytest.mark.parametrize(
    "about",
    [
        {"error": 'RuntimeError: a comma, a "quote"\nand a line'},
        {"method": "my_file:MyVAE", "bound": "lower", "unit": "nats", "binarisation": "dynamic"},
        {"method": "007", "error": "1.0"},
        {"error": "NaN"},
        {"error": "None"},
        {"error": "not applicable: null"},
        {"value": math.nan, "error": "NA"},
        {"task": "123", "suite": "1e3", "measure": "0"},
        {"value": 0.1 + 0.2, "stderr": 5e-324, "ceiling": 1.7976931348623157e308},
    ],
    ids=str,
)
def test_awkward_values_come_back(tmp_path, about):
    made = record(**about)
    (row,) = back(tmp_path / "records.csv", made)
    assert the_same(row, made)


def test_empty_text_stays_text_and_a_missing_number_stays_missing(tmp_path):
    (row,) = back(tmp_path / "records.csv", record())
    assert (row["unit"], row["bound"], row["error"]) == ("", "", "")
    assert math.isnan(row["stderr"])
    assert row["version"] == __version__
    assert (row["seed"], row["n"]) == (0, 0)


def test_files_are_read_into_one_frame(tmp_path):
    paths = [tmp_path / "deep" / f"{i}.csv" for i in range(3)]
    for i, path in enumerate(paths):
        write([record(seed=i), record(seed=i, measure="iwae-5")], path)
    frame = read(*paths)
    assert list(frame.columns) == list(COLUMNS)
    assert frame.seed.tolist() == [0, 0, 1, 1, 2, 2]
    assert frame.index.tolist() == list(range(6))
    assert pd.api.types.is_float_dtype(frame.value)


def test_no_records_leave_a_header(tmp_path):
    write([], tmp_path / "records.csv")
    assert (tmp_path / "records.csv").read_text().strip() == ",".join(COLUMNS)
    assert read(tmp_path / "records.csv").empty


def test_every_field_of_an_estimate_has_its_column():
    assert {f.name for f in fields(Estimate)} - {"part"} <= set(COLUMNS)


def test_rows_of_some_measures_come_back_with_their_parts(tmp_path):
    rows = [record(measure=m, seed=3) for m in ("mig", "elbo", "elbo/rate", "mig-sup")]
    write(rows, tmp_path / "records.csv")
    again = kept_rows(tmp_path / "records.csv", {("", "elbo"), ("", "iwae")})
    assert list(map(str, again)) == list(map(str, rows[1:3]))
    assert kept_rows(tmp_path / "none.csv", {("", "elbo")}) == []


EARLIER = (
    "suite,dataset,model,seed,metric,value,stderr,low,high,unit,bound,ceiling,truth,ess,"
    "binarisation,n,seconds,convention,error,version\n"
    "e,normal,ksg-3,4,information,0.30000000000000004,,,,nats,,,0.41,,none,500,0.1,k=3,"
    "beware: 60% of the points share a value,0.1.0\n"
    "d,digits,vae,0,mig,,,,,,,,,,dynamic,0,0.1,,not applicable: no factors,0.1.0\n"
    "d,digits,vae,0,elbo/rate,2.5,,,,nats,,,,,dynamic,7,0.1,,,0.1.0\n"
    "d,digits,vae,1,mig,,,,,,,,,,dynamic,0,0.1,,ValueError: no luck,0.1.0\n"
    "d,digits,vae,2,mig,inf,,,,,,,,,dynamic,0,0.1,,,0.1.0\n"
)


def test_rows_of_an_earlier_version_are_read_by_renaming(tmp_path):
    (tmp_path / "old.csv").write_text(EARLIER)
    frame = read(tmp_path / "old.csv")
    assert list(frame.columns) == list(COLUMNS)
    assert frame["task"].tolist() == ["normal", *["digits"] * 4]
    assert frame["method"].tolist() == ["ksg-3", *["vae"] * 4]
    assert frame["measure"].tolist() == ["information", "mig", "elbo/rate", "mig", "mig"]
    assert frame["value"][0] == 0.30000000000000004
    assert frame["size"].tolist() == [500, 0, 0, 0, 0]
    assert frame["n"].tolist() == [500, 0, 7, 0, 0]
    states = ["value", "not applicable", "value", "failed", "failed"]
    assert frame["state"].tolist() == states
    assert frame["warning"].tolist() == ["60% of the points share a value", "", "", "", ""]
    reasons = ["", "no factors", "", "ValueError: no luck", "the number is not finite"]
    assert frame["error"].tolist() == reasons
    assert set(frame["arm"]) == {""}


def test_joining_leaves_out_the_rows_of_other_measures(tmp_path):
    write([record(measure=m) for m in ("mig", "elbo", "elbo/rate")], tmp_path / "a.csv")
    join([tmp_path / "a.csv"], tmp_path / "all.csv", [0], ["elbo"])
    assert read(tmp_path / "all.csv")["measure"].tolist() == ["elbo", "elbo/rate"]


def test_joining_keeps_every_letter_and_the_wanted_seeds_alone(tmp_path):
    for name, seed, value in (("a", 1, "0.1000"), ("b", 2, "1e-300"), ("c", 12, "nan")):
        (tmp_path / name).write_text(f'seed,value,error\n{seed},{value},"a, b"\n')
    join([tmp_path / "a", tmp_path / "b", tmp_path / "c"], tmp_path / "all", [12, 1])
    text = (tmp_path / "all").read_text()
    assert text == 'seed,value,error\n1,0.1000,"a, b"\n12,nan,"a, b"\n'
