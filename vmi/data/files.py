"""Files of a data set: found under one root, checked by md5, fetched where that is allowed."""

import hashlib
import os
import shutil
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

from vmi.errors import UserError, reason

__all__ = ["File", "data_root", "find", "md5"]

SECONDS = 30  # without an answer, after which a mirror is given up


@dataclass(frozen=True)
class File:
    """A file that a data set needs.

    Attributes:
        path: Where it lies under the data root, e.g. `MNIST/raw/train-images-idx3-ubyte.gz`.
        md5: What its bytes must hash to, 32 hexadecimal digits.
        urls: Where it can be fetched from, tried in this order; empty where nobody serves it.
    """

    path: str
    md5: str
    urls: tuple[str, ...] = ()


def data_root(root: Path | str | None = None) -> Path:
    """Returns the absolute folder of data files: the argument, else $VMI_DATA, else `./data`."""
    return Path(root or os.environ.get("VMI_DATA") or "data").expanduser().absolute()


def find(file: File, root: Path | str | None = None) -> Path:
    """Returns the verified path of a file, fetched first if it is missing and may be written.

    Raises:
        UserError: The file is missing and could not be fetched, or its md5 is another.
    """
    path = data_root(root) / file.path
    if not path.is_file():
        _fetch(file, path)
    if (actual := md5(path)) != file.md5:
        raise UserError(
            f"{path} is altered or cut short ({path.stat().st_size:,} bytes): "
            f"its md5 is {actual}, expected {file.md5}; replace the file"
        )
    return path


def md5(path: Path) -> str:
    """Returns the md5 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def _fetch(file: File, path: Path) -> None:
    """Fetches a file from the first mirror that gives the right bytes; all or nothing."""
    if not file.urls:
        raise _missing(file, path, "it cannot be downloaded")
    if not _writable(path.parent):
        raise _missing(file, path, "not downloaded, as the folder is read-only")
    failures = [failure for url in file.urls if (failure := _failure(url, file.md5, path))]
    if not path.is_file():
        raise _missing(file, path, f"download failed, check the network ({'; '.join(failures)})")


def _failure(url: str, expected: str, path: Path) -> str:
    """Downloads to a temporary name and moves into place, so that no half file is ever found."""
    if path.is_file():
        return ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder) / path.name
            _download(url, part)
            if (actual := md5(part)) != expected:
                return f"{url}: md5 {actual}, expected {expected}"
            part.replace(path)
    except (OSError, HTTPException) as error:
        return f"{url}: {reason(error)}"
    return ""


def _download(url: str, path: Path) -> None:
    with urllib.request.urlopen(url, timeout=SECONDS) as response, path.open("wb") as out:
        shutil.copyfileobj(response, out)


def _writable(folder: Path) -> bool:
    """Says if a folder may be written: its mode counts even for root, who may write anywhere."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    return bool(nearest.stat().st_mode & 0o222) and os.access(nearest, os.W_OK)


def _missing(file: File, path: Path, why: str) -> UserError:
    origin = f" (from {file.urls[0]})" if file.urls else ""
    return UserError(
        f"missing file {path}: {why}; put it there{origin}, "
        f"or set VMI_DATA to the folder that holds {file.path}"
    )
