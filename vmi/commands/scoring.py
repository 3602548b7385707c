"""`vmi.score`: metrics of codes of the user's own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmi.commands.arrays import is_path
from vmi.commands.by_class import means_and_each, named
from vmi.commands.codes import KnownCodes, read_codes
from vmi.commands.context import CodesContext
from vmi.commands.measuring import Instrument, Names, Timed, instruments, measured
from vmi.commands.rows import Row, frame
from vmi.errors import UserError
from vmi.estimate import measure
from vmi.random import generator
from vmi.suites.kinds import OF_MODELS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["score", "scores"]


def score(
    codes: Any = None,
    factors: Any = None,
    *,
    labels: Any = None,
    scale: Any = None,
    categorical: Any = None,
    factor_names: Sequence[str] | None = None,
    discrete: Sequence[bool] | None = None,
    others: Mapping[str, Any] | Sequence[Any] = (),
    metrics: Names | str | None = None,
    seed: int = 0,
) -> "pd.DataFrame":
    """Returns metrics of codes as a tidy frame, a row a number, in the columns of records.

    An array is one of NumPy, a tensor on any device, a pandas frame or series, or a list. A metric
    that asks for training codes is fitted on a random half and scored on the other. One that asks
    for labels is computed for each factor in classes; with several factors, each has a row with
    its name, and the plain name is their mean. All else uses every code.

    Args:
        codes: (N, D) floats, or the means of Gaussian posteriors; or the path of an npz file, or a
            mapping, that has them and what follows by the names that `vmi score --help` shows.
        factors: (N, F) or (N,) of the images; integers are classes, floats are continuous.
        labels: (N,) integers, which stand in for the factors where a metric wants one label, and
            are the one factor where there are no others.
        scale: (N, D) standard deviations of the posteriors.
        categorical: (N, K) probabilities of a categorical code, or a list of such.
        factor_names: F names; those of the columns where the factors are a pandas frame.
        discrete: F truth values, which of the factors are classes where floats stand beside them;
            by its columns where the factors are a pandas frame.
        others: Codes of the same images by models of other seeds, each as `codes`: a mapping from
            their names, or a sequence.
        metrics: Names, `my_file:my_metric`, or functions; without them all that apply, but for
            what takes longest (`dci-boosted`, `network`).
        seed: Of every random number.

    Raises:
        UserError: An array is malformed, or nobody knows a metric.

    Warns:
        DataWarning: An array holds what deserves a look: a constant column, classes as floats.

    Example:
        >>> import numpy as np, vmi
        >>> shape, size = np.repeat([0, 1, 2], 40), np.tile([0, 1, 2, 3], 30)
        >>> codes = np.stack([shape, 0.5 * size], 1) + 0.0
        >>> found = vmi.score(codes, np.stack([shape, size], 1), metrics=["mig", "active-units"])
        >>> found[["measure", "value", "ceiling", "n"]]
                measure  value  ceiling    n
        0           mig    1.0      1.0  120
        1  active-units    2.0      2.0  120
    """
    known = {"labels": labels, "scale": scale, "categorical": categorical}
    known |= {"factors": factors, "factor_names": factor_names, "discrete": discrete}
    return frame(scores(codes, others, metrics, seed, **known))


def scores(
    codes: Any,
    others: Mapping[str, Any] | Sequence[Any] = (),
    metrics: Names | str | None = None,
    seed: int = 0,
    **known: Any,
) -> list[Row]:
    """Returns the rows of `score`, whose other parameters are `known`.

    Raises:
        UserError: An array is malformed, or nobody knows a metric.
    """
    registry = OF_MODELS.measures
    unnamed = [name for name, card in registry.items() if not card.when_named]
    names = unnamed if metrics is None else metrics
    chosen = instruments(registry, names, CodesContext.offered)
    context = _context(read_codes(codes, **known), others)

    def each(metric: Instrument) -> list[Timed]:
        return _measured(metric, context, seed)

    title = Path(codes).name if is_path(codes) else "score"
    return measured(chosen, each, "measure", title, applicable=metrics is None)


def _context(known: KnownCodes, others: Mapping[str, Any] | Sequence[Any]) -> CodesContext:
    more = {name: read_codes(codes).codes for name, codes in _by_name(others).items()}
    for name, codes in more.items():
        if len(codes) != len(known.codes):
            rows = f"{len(codes)} rows, and {known.source or 'codes'} {len(known.codes)}"
            raise UserError(f"{name} has {rows}")
    return CodesContext(known.codes, known.factor_names, more, discrete=known.discrete)


def _by_name(others: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    """Those of other seeds by their names; a file has its own, an array its place."""
    if isinstance(others, Mapping):
        return dict(others)
    each = [others] if is_path(others) else list(others)
    paths = [Path(codes) for codes in each if is_path(codes)]
    names = [_short(Path(c), paths) if is_path(c) else f"other-{i}" for i, c in enumerate(each)]
    if len(set(names)) < len(names):
        raise UserError("a file of the others is given twice")
    return dict(zip(names, each, strict=True))


def _short(path: Path, among: Sequence[Path]) -> str:
    """The file's name, or the whole path where another has the same name."""
    return str(path) if sum(path.name == other.name for other in among) > 1 else path.name


def _measured(metric: Instrument, context: CodesContext, seed: int) -> list[Timed]:
    def numbers(of: CodesContext) -> list[Timed]:
        if "train_codes" in metric.wants:
            of = of.halves(generator(seed, metric.name, "halves"))
        noise = generator(seed, metric.name)
        return list(measure(metric.name, metric.function, metric.settings, of, noise))

    if "seed_codes" in metric.wants:
        return _by_seed(numbers(context), list(context.others))
    if "labels" not in metric.wants:
        return numbers(context)
    return means_and_each({name: numbers(of) for name, of in context.by_class()})


def _by_seed(timed: list[Timed], others: Sequence[str]) -> list[Timed]:
    """The plain name is that of the codes; the numbers of the other seeds have their names."""
    if len(timed) != 1 + len(others):
        return timed
    return [timed[0], *named(dict(zip(others, ([each] for each in timed[1:]), strict=True)))]
