"""Reads an npz file: nothing in it is run, and no array is loaded that nobody asked for."""

import math
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np

from vmi.errors import UserError, reason

__all__ = ["read_npz"]

FREELY = 2**30  # bytes that a file may unpack to, however little it holds itself
RATIO = 50  # beyond that, no more than so many times what it holds itself
SHARE = 4  # of this machine's memory, at most one part in so many

# What other files begin with, what they are, and what reads their arrays.
FOREIGN = (
    (b"\x93NUMPY", "one array without a name", "numpy.load"),
    (b"\x89HDF", "an HDF5 file, as MATLAB 7.3 writes too", "h5py.File"),
    (b"MATLAB 5", "a MATLAB file", "scipy.io.loadmat"),
    (b"PAR1", "a parquet file", "pandas.read_parquet"),
    (b"ARROW1", "a feather file", "pandas.read_feather"),
    (b"\x80", "a pickle", "pickle.load, or torch.load if torch wrote it"),
    (b"\x1f\x8b", "a gzip archive", "gzip.open"),
    (b"PK", "a zip archive cut short", "whatever wrote it, once more"),
)
HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_npz(path: Path, wanted: str) -> tuple[dict[str, np.ndarray], list[str]]:
    """Returns the arrays whose names match, and the names of the others, which stay unread.

    Args:
        path: The file's.
        wanted: A regular expression.

    Raises:
        UserError: It is no npz file, or an array that is wanted cannot be taken; the message is to
            follow the file's name.
        OSError: There is no such file, or it cannot be opened.
    """
    with path.open("rb") as stream:
        if not zipfile.is_zipfile(stream):
            raise UserError(f"is no npz file{_foreign(stream)}")
        with zipfile.ZipFile(stream) as archive:
            members = _members(archive)
            asked = {name: info for name, info in members.items() if re.fullmatch(wanted, name)}
            _check_size(asked.values())
            arrays = {name: _array(archive, name, info) for name, info in asked.items()}
    return arrays, [name for name in members if name not in asked]


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The arrays of an archive by their names."""
    there = [info for info in archive.infolist() if info.filename.endswith(".npy")]
    if not there and archive.namelist():
        torch = any(name.endswith("data.pkl") for name in archive.namelist())
        what = "a torch file: read it by torch.load" if torch else "a zip archive without arrays"
        raise UserError(f"is no npz file but {what}; write NumPy arrays by numpy.savez")
    counted = Counter(info.filename.removesuffix(".npy") for info in there)
    if twice := [name for name, count in counted.items() if count > 1]:
        raise UserError(f"holds {twice[0]!r} twice")
    return {info.filename.removesuffix(".npy"): info for info in there}


def _check_size(infos: Iterable[zipfile.ZipInfo]) -> None:
    """Refuses what would fill the memory, before a byte of it is read."""
    infos = list(infos)
    size, packed = (sum(getattr(i, a) for i in infos) for a in ("file_size", "compress_size"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size > memory // SHARE:
        raise UserError(f"holds {_bytes(size)}, and this machine {_bytes(memory)}: save fewer rows")
    if size > max(FREELY, RATIO * packed):
        raise UserError(f"unpacks from {_bytes(packed)} to {_bytes(size)}: save fewer rows")


def _array(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> np.ndarray:
    try:
        with archive.open(info) as member:
            _check_header(member, name, info.file_size)
        with archive.open(info) as member:
            return np.lib.format.read_array(member, allow_pickle=False)
    except UserError:
        raise
    except Exception as error:  # a file from anywhere can be broken in any way
        raise UserError(f"{name!r} cannot be read ({reason(error)})") from error


def _check_header(member: IO[bytes], name: str, size: int) -> None:
    """Refuses an array of objects, and one whose shape is not that of its bytes."""
    version = np.lib.format.read_magic(member)
    if version not in HEADERS:
        raise UserError(f"{name!r} holds records, not numbers: save each field by itself")
    shape, _, dtype = HEADERS[version](member)
    if dtype.hasobject:
        kind = {"factor_names": "str", "labels": "int"}.get(name, "float")
        raise UserError(f"{name!r} holds Python objects: write {name}.astype({kind})")
    wanted, there = math.prod(shape) * dtype.itemsize, size - member.tell()
    if wanted != there:
        raise UserError(f"{name!r} is said to hold {_bytes(wanted)}, and holds {_bytes(there)}")


def _foreign(stream: IO[bytes]) -> str:
    """What a file is instead, as far as its first bytes tell, and what to do."""
    stream.seek(0)
    start = stream.read(4096)
    if not start:
        return ": it is empty"
    for magic, what, reader in FOREIGN:
        if start.startswith(magic):
            return f" but {what}: read it by {reader}, and write its arrays by numpy.savez"
    if start[8:9] == b"{":
        what, reader = "a safetensors file", "safetensors.numpy.load_file"
    elif all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        what, reader = "text", "numpy.loadtxt or pandas.read_csv"
    else:
        return ": write it by numpy.savez"
    return f" but {what}: read it by {reader}, and write its arrays by numpy.savez"


def _bytes(size: int) -> str:
    """A size for people: "2.7 GB"."""
    power = min(max(len(str(size)) - 1, 0) // 3, 5)
    return f"{size / 1000**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB', 'PB')[power]}"
