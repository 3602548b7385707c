"""Which code a stage depends on, as one short hash: an edit re-runs what it can change, no more.

Snakemake's own code trigger does not see edits in an imported package. This file imports no torch.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from vmi.data import DATASETS
from vmi.mi import ESTIMATORS
from vmi.models import MODELS
from vmi.pictures import PICTURES
from vmi.registry import source
from vmi.suites.suite import FAMILIES, family_of
from vmi.tasks import TASKS

__all__ = [
    "data_sources",
    "estimation_sources",
    "evaluation_sources",
    "fingerprint",
    "picture_sources",
    "report_sources",
    "training_sources",
    "verification_sources",
]

PACKAGE = Path(__file__).resolve().parent.parent
DATA = ("data/__init__.py", "data/dataset.py", "data/files.py", "random.py")
MODEL = (
    "nets/batch_statistics.py",
    "nets/coders.py",
    "nets/latents.py",
    "nets/likelihoods.py",
    "nets/networks.py",
    "models/__init__.py",
    "models/vae.py",
)
DRAWING = (*DATA, *MODEL, "stages/cells.py", "nets/codes.py", "registry.py")
TRAINING = (
    *DATA,
    *MODEL,
    "training/adam.py",
    "training/engines.py",
    "training/history.py",
    "training/loop.py",
    "training/stream.py",
)
EVALUATION = (
    *DATA,
    *MODEL,
    "arrays.py",
    "estimate.py",
    "nets/codes.py",
    "records.py",
    "stages/cells.py",
    "stages/compare.py",
    "stages/context.py",
    "stages/evaluate.py",
    "training/adam.py",
)
ESTIMATION = (
    "arrays.py",
    "errors.py",
    "estimate.py",
    "random.py",
    "records.py",
    "stages/estimate.py",
    "mi/stacks.py",
)
INSTRUMENTS = ("metrics", "mi", "likelihood")  # folders whose files build on each other


def data_sources(dataset: str) -> str:
    """Hashes what a data set depends on: shared code and the file that defines it."""
    return fingerprint([*_inside(DATA), source(DATASETS.reference(dataset))])


def training_sources(dataset: str, model: str) -> str:
    """Hashes what a training depends on: shared code, the data set's file and the model's.

    A user's own model may inherit from any here, so it depends on them all.
    """
    own = [source(DATASETS.reference(dataset)), source(MODELS.reference(model))]
    parents = (PACKAGE / "models").glob("*.py") if ":" in model else []
    return fingerprint([*_inside(TRAINING), *own, *parents])


def evaluation_sources(metrics: Iterable[str]) -> str:
    """Hashes what metrics depend on: shared code and the files that define them."""
    own = [source(FAMILIES[family_of(metric)].reference(metric)) for metric in metrics]
    return fingerprint([*_inside(EVALUATION), *_with_imports(own)])


def estimation_sources(estimator: str, tasks: Iterable[str]) -> str:
    """Hashes what estimates depend on: shared code, the estimator's file and the tasks'."""
    own = [source(ESTIMATORS.reference(estimator))]
    own += [source(TASKS.reference(task)) for task in tasks]
    return fingerprint([*_inside(ESTIMATION), *(PACKAGE / "tasks").glob("*.py"), *own])


def verification_sources() -> str:
    """Hashes what the known answers depend on, which is all but the report."""
    report = PACKAGE / "report"
    return fingerprint(path for path in PACKAGE.rglob("*.py") if report not in path.parents)


def picture_sources(pictures: Iterable[str]) -> str:
    """Hashes what pictures depend on: shared code, all that is drawn here, and a user's files."""
    own = [source(PICTURES.reference(picture)) for picture in pictures]
    here = (PACKAGE / "pictures").glob("*.py")
    return fingerprint([*_inside(DRAWING), *here, *own])


def report_sources() -> str:
    """Hashes what the report depends on."""
    files = (path for path in (PACKAGE / "report").rglob("*") if path.suffix in (".py", ".html"))
    return fingerprint([*_inside(["records.py"]), *files])


def fingerprint(paths: Iterable[Path | None]) -> str:
    """Hashes the contents of files, of Python the code alone; one that is missing has no say."""
    digest = hashlib.sha256()
    for path in sorted({path for path in paths if path is not None and path.is_file()}):
        digest.update(_code(path) if path.suffix == ".py" else path.read_bytes())
    return digest.hexdigest()[:12]


def _with_imports(paths: Iterable[Path | None]) -> set[Path]:
    """Files, and those of the instruments that they import, and that those import."""
    found: set[Path] = set()
    left = [path for path in paths if path is not None and path.is_file()]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _imported(path)
    return found


@cache
def _imported(path: Path) -> list[Path]:
    """The instruments' files that a file imports, read without running it."""
    nodes = [n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.ImportFrom)]
    names = [n.module for n in nodes if n.module]
    names += [f"{n.module}.{alias.name}" for n in nodes for alias in n.names]
    files = [PACKAGE.parent / (name.replace(".", "/") + ".py") for name in names]
    folders = [PACKAGE / name for name in INSTRUMENTS]
    return [file for file in files if file.parent in folders and file.is_file()]


@cache
def _code(path: Path) -> bytes:
    """A file without its comments, docstrings and layout, whose mending changes no number."""
    contents = path.read_bytes()
    try:
        tree = ast.parse(contents)
    except (SyntaxError, ValueError):  # a user's file, whose import will say what is wrong
        return contents
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and _documented(node):
            node.body[0].value.value = ""
    return ast.unparse(tree).encode()


def _documented(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def _inside(names: Iterable[str]) -> list[Path]:
    return [PACKAGE / name for name in names]
