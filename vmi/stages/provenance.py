"""What files are made from: the workflow's rules go by it, and it is kept beside the files.

A stage is done again where this changes; published files are taken back where it has not. This file
imports no torch.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vmi.data import DATASETS
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import ACROSS_SEEDS, METRICS
from vmi.mi import ESTIMATORS, INFORMATION
from vmi.pictures import PICTURES
from vmi.priors import PRIORS
from vmi.registry import Registry
from vmi.stages import notes
from vmi.stages.reads import moved
from vmi.stages.sources import sources
from vmi.stages.where import Where, where
from vmi.suites.cohorts import cohort_name
from vmi.suites.suite import Suite
from vmi.tasks import TASKS
from vmi.verify import ROOMS

__all__ = [
    "FOLLOWS",
    "Provenance",
    "agrees",
    "as_read",
    "compared_tasks",
    "of_arm",
    "of_cohort",
    "of_comparison",
    "of_description",
    "of_report",
    "of_verification",
    "stale",
    "standing",
]

Provenance = dict[str, Any]

# What each stage of a cohort is made from besides its own provenance: the stages before it.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "fit": (),
    "encode": ("fit",),
    "refine": ("fit", "encode"),
    "measure": ("fit", "encode"),  # of an arm, its prior stands in the measure's own provenance
    "draw": ("fit",),
    "answer": (),
}


def of_cohort(
    suite: Suite, task: str, method: str, seeds: Sequence[int], here: Where | None = None
) -> Provenance:
    """Returns what each stage of a cohort is made from, by the names of the stages.

    Args:
        suite: The suite.
        task: The name of a task, or of a group of tasks.
        method: The name of a method.
        seeds: The cohort's; which they are is said by the name of its folder.
        here: The results folder that says what files were read; the suite's, if None.
    """
    changed = moved((here or where(suite)).cell(task, method, cohort_name(seeds)).reads)
    made = {stage: OF_STAGE[stage](suite, task, method, seeds) for stage in suite.stages}
    return {stage: _and_read(stage, of, _read(changed, stage)) for stage, of in made.items()}


def of_comparison(suite: Suite, task: str) -> Provenance:
    """Returns what the records across seeds come from, besides the codes."""
    metrics = suite.across_seeds
    code = sources("vmi.stages.compare", *map(ACROSS_SEEDS.reference, metrics))
    return {"metrics": metrics, "seeds": suite.seeds, "sources": code}


def compared_tasks(suite: Suite) -> list[str]:
    """Returns the tasks on which the seeds of each method are compared: all, or none."""
    return [*suite.tasks] if suite.across_seeds else []


def of_description(suite: Suite, task: str, here: Where | None = None) -> Provenance:
    """Returns what the description of a data set comes from; `here` is as of `of_cohort`."""
    registry, entry = suite.kind.task.registry, suite.tasks[task]
    code = sources("vmi.stages.describe", registry.reference(entry[registry.kind]))
    changed = moved((here or where(suite)).reads(task))
    return {"task": entry, "sources": code, **_read(changed, "describe")}


def of_verification() -> Provenance:
    """Returns what the known answers come from: the code of them, and of every instrument."""
    registries = (METRICS, ACROSS_SEEDS, INFORMATION, LOG_LIKELIHOODS, ESTIMATORS, TASKS, DATASETS)
    registries += (PRIORS,)
    named = [card.reference for registry in registries for card in registry.values()]
    return {"sources": sources("vmi.commands.verify", *ROOMS.values(), *named)}


def of_report(suite: Suite) -> Provenance:
    """Returns what the report comes from besides the records: what it says, and its code.

    The cards of what the suite names are a part of it.
    """
    cards = {
        side: {name: asdict(suite.card(side, name)) for name in suite.rows_of(side)}
        for side in ("tasks", "methods", "measures", *(["arms"] if suite.arms else []))
    }
    parts = [name if ":" in name else f"vmi.report.parts.{name}" for name in suite.kind.parts]
    code = sources("vmi.report", *parts)
    return {"settings": suite.settings, "cards": cards, "sources": code}


def agrees(path: Path, provenance: Provenance) -> bool:
    """Whether the provenance that was kept there is this one."""
    return notes.read(path) == as_read(provenance)


def stale(path: Path, wanted: Provenance) -> set[str]:
    """Returns the stages of a cohort that were not made from what they would be made from today.

    Args:
        path: Where the cohort's provenance is kept.
        wanted: Today's, by stage. What is measured beyond it does no harm.
    """
    before = notes.read(path)
    if not before:
        return set(wanted)
    return {
        stage
        for stage, today in as_read(wanted).items()
        if stage not in before
        or standing(before[stage], today) != today
        or before[stage].get("reads") != today.get("reads")  # put back, a file has no say again
    }


def standing(before: Provenance | None, today: Provenance) -> Provenance:
    """Returns the entries of a stage's provenance that are today what they were."""
    before, today = before or {}, as_read(today)
    return {key: value for key, value in today.items() if key in before and before[key] == value}


def as_read(provenance: Provenance) -> Provenance:
    """Returns what reading gives of what was written: JSON has lists alone, and keys of text."""
    return json.loads(json.dumps(provenance))


def _of_fit(suite: Suite, task: str, method: str, seeds: Sequence[int]) -> Provenance:
    kind, cell = suite.kind, suite.cell(task, method)
    named = [
        noun.registry.reference(cell[noun.registry.kind][noun.registry.kind])
        for noun in (kind.task, kind.method)
    ]
    return {"cell": cell, "sources": sources("vmi.stages.fit", *named, *_foreign(cell))}


def _of_encode(suite: Suite, task: str, method: str, seeds: Sequence[int]) -> Provenance:
    return {"sources": sources("vmi.stages.encode")}


def _of_refine(suite: Suite, task: str, method: str, seeds: Sequence[int]) -> Provenance:
    """By arm: each is kept where its own provenance is."""
    return {arm: _of_arm(suite, arm) for arm in suite.arms}


def _of_arm(suite: Suite, arm: str) -> Provenance:
    registry = suite.kind.arm.registry
    entry = {key: value for key, value in suite.arms[arm].items() if key != "label"}
    code = _with("vmi.stages.refine", registry, [entry[registry.kind]])
    return {registry.kind: entry, "sources": code}


def _of_measure(suite: Suite, task: str, method: str, seeds: Sequence[int]) -> Provenance:
    """By measure, and by arm: each is kept where its own provenance is."""
    return {
        of_arm(arm, name): {
            "images": suite.likelihood_images if LOG_LIKELIHOODS.knows(name) else None,
            "sources": _with("vmi.stages.measure", suite.kind.measures, [name]),
            **({"arm": _of_arm(suite, arm)} if arm else {}),
        }
        for arm, name in suite.measured
    }


def of_arm(arm: str, name: str) -> str:
    """Returns the key under which it is kept what a measure of an arm is made from."""
    return f"{arm} {name}" if arm else name


def _of_draw(suite: Suite, task: str, method: str, seeds: Sequence[int]) -> Provenance:
    """The pictures are of the suite's first seed; another cohort has none."""
    names = suite.pictures if suite.seeds[0] in seeds else []
    made = {"pictures": names, "sources": _with("vmi.stages.draw", PICTURES, names)}
    return made | ({"arms": _of_refine(suite, task, method, seeds)} if suite.arms else {})


def _of_answer(suite: Suite, task: str, method: str, seeds: Sequence[int]) -> Provenance:
    kind, entry = suite.kind, suite.find("method", method)
    tasks = {name: suite.tasks[name][kind.task.registry.kind] for name in suite.group(task)}
    named = [*map(kind.task.registry.reference, tasks.values())]
    named.append(kind.method.registry.reference(entry[kind.method.registry.kind]))
    named += [kind.within[key].reference(entry[key]) for key in kind.within if key in entry]
    code = sources("vmi.stages.answer", kind.answer, *named)
    return {"tasks": tasks, "method": entry, "sizes": suite.sizes, "sources": code}


OF_STAGE: dict[str, Callable[[Suite, str, str, Sequence[int]], Provenance]] = {
    "fit": _of_fit,
    "encode": _of_encode,
    "refine": _of_refine,
    "measure": _of_measure,
    "draw": _of_draw,
    "answer": _of_answer,
}


def _read(changed: dict[str, dict[str, str]], stage: str) -> Provenance:
    """Files that are not what the stage first read; nothing where there are none."""
    return {"reads": changed[stage]} if changed.get(stage) else {}


def _and_read(stage: str, made: Provenance, read: Provenance) -> Provenance:
    """A measure or a prior may have read any of the files, so each has all of them."""
    if stage in ("measure", "refine"):
        return {name: of | read for name, of in made.items()}
    return made | read


def _with(stage: str, registry: Registry, names: Iterable[str]) -> str:
    return sources(stage, *map(registry.reference, names))


def _foreign(cell: Provenance) -> list[str]:
    """The user's own networks and likelihoods, which no file here imports."""
    return [cell[key] for key in ("network", "likelihood") if ":" in cell[key]]
