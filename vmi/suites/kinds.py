"""Kinds of suite, as data: what is given, what answers it, what is measured, by which stages.

A kind is nothing but a row of `KINDS`: no code asks which kind a suite is of. A suite of a kind of
the user's own says `kind: my_file:MY_KIND`. This file imports no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vmi.cards import Card
from vmi.data import DATASETS
from vmi.errors import UserError, unknown
from vmi.independence import TESTS
from vmi.learners import LEARNERS, SCORES
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import ACROSS_SEEDS, METRICS
from vmi.mi import ESTIMATORS, INFORMATION
from vmi.models import MODELS
from vmi.priors import PRIORS
from vmi.references import import_reference
from vmi.registry import Registry
from vmi.tasks import GRAPHS, TASKS, TRIPLES

__all__ = [
    *("KINDS", "OF_ESTIMATORS", "OF_LEARNERS", "OF_MODELS", "OF_TESTS", "Kind", "Noun", "kind_of"),
]


@dataclass(frozen=True)
class Noun:
    """One side of a kind's grid.

    Attributes:
        key: The key of a suite's file that lists them: "datasets".
        registry: Their registry; its `kind` is the key of an entry and of a claim: "dataset".
        word: What a person calls one: "data set".
        schema: How a suite lists them: the name of a definition in suite.schema.yaml; "groups" are
            names or lists of names by group, "entries" names or mappings with settings.
        load: What creates one of a name; the registry itself, if left out.
    """

    key: str
    registry: Registry
    word: str
    schema: str = "groups"
    load: str = ""

    def make(self, name: str) -> Any:
        """Creates the one of a name that carries its settings.

        Raises:
            UserError: There is no such one, or it cannot be made.
        """
        load = import_reference(self.registry.kind, self.load) if self.load else self.registry.make
        return load(name)

    def counted(self, n: int) -> str:
        """Returns a number of them in words: "2 data sets"."""
        return f"{n} {self.word}{'s' * (n != 1)}"


@dataclass(frozen=True)
class Kind:
    """A kind of suite.

    Attributes:
        task: What is given.
        method: What answers it.
        measures: What may be measured of an answer.
        stages: What one job does with a cohort of seeds, in order: modules of `vmi.stages`.
        parts: The sections of the report: modules of `vmi.report.parts`, or `my_file:MY_PART`.
        metrics: The key that lists the measures of a suite; "" where all there are are taken.
        settings: Further keys of a suite's file; their schemas are in suite.schema.yaml.
        arm: What a method that was fitted may be refined by, a second stage on each.
        products: What is made beside the cohorts: names of rules of the workflow.
        answer: `module:function` that scores the answers of a method that needs no training, as
            `vmi.stages.answer` calls it: of the task, the method, its settings, the samples of
            each seed and a generator for each, an answer a seed.
        offered: What a method may ask for by the names of its positional parameters; anything, if
            nothing is said.
        within: Settings of a method that name what it is made with, and the registries of these;
            the settings of that stand in the setting with "_settings" behind its name.
    """

    task: Noun
    method: Noun
    measures: Registry
    stages: tuple[str, ...] = ("answer",)
    parts: tuple[str, ...] = ("headline", "reading", "claims", "scores", "numbers", "troubles")
    metrics: str = ""
    settings: tuple[str, ...] = ("sizes",)
    arm: Noun | None = None
    products: tuple[str, ...] = ()
    answer: str = ""
    offered: tuple[str, ...] = ()
    within: Mapping[str, Registry] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a suite's file that are of this kind alone."""
        metrics = (self.metrics,) if self.metrics else ()
        arms = (self.arm.key,) if self.arm else ()
        return (self.task.key, self.method.key, *arms, *metrics, *self.settings)

    @property
    def required(self) -> tuple[str, ...]:
        """Those of them that a suite must have."""
        return tuple(key for key in self.keys if key not in OPTIONAL)


OPTIONAL = frozenset(
    {"latents", "network", "likelihood", "training", "likelihood_images", "pictures", "verify"}
    | {"keep_states", "arms"}
)

OF_MODELS = Kind(
    task=Noun("datasets", DATASETS, "data set", "entries"),
    method=Noun("models", MODELS, "model", "entries"),
    measures=Registry("metric", {**METRICS, **INFORMATION, **LOG_LIKELIHOODS, **ACROSS_SEEDS}),
    stages=("fit", "encode", "refine", "measure", "draw"),
    parts=(
        *("headline", "reading", "claims", "arms", "scores", "brackets", "information_plane"),
        *("seen_and_read", "dimensions", "rate_distortion", "training_bound", "training"),
        *("pictures", "numbers", "troubles", "data"),
    ),
    metrics="metrics",
    settings=(
        *("latents", "network", "likelihood", "training", "keep_states"),
        *("likelihood_images", "pictures"),
    ),
    arm=Noun("arms", PRIORS, "arm", "arms"),
    products=("describe", "compare"),
)

PAIRS = (
    "the mutual information of a pair (x, y), which is known on paper for each task. Every "
    "estimator gets the same samples, a fresh one a seed. Networks are fitted on one part and "
    "report on another, so they learn from fewer pairs than a neighbour method counts. Neither "
    "bound says that an estimate may err on both sides."
)

OF_ESTIMATORS = Kind(
    task=Noun("tasks", TASKS, "task", load="vmi.tasks:load"),
    method=Noun("estimators", ESTIMATORS, "estimator", "names"),
    measures=Registry("measure", {"information": Card(name="I(x; y)", unit="nats", reading=PAIRS)}),
    parts=(
        *("overall", "reading", "claims", "flags", "failures", "maps", "images"),
        *("ladder", "by_task", "known", "troubles"),
    ),
    settings=("sizes", "verify"),
    products=("verify", "ladder"),
    answer="vmi.mi.reliability:answer",
    offered=("x", "y", "generator"),
)

REJECTED = (
    "the share of samples, one a seed, in which independence is rejected at p ≤ .05: where x and "
    "y are independent given z it is the test's level, which should be .05 or less, and elsewhere "
    "its power. Every test gets the same samples."
)

OF_TESTS = Kind(
    task=Noun("tasks", TRIPLES, "task"),
    method=Noun("tests", TESTS, "test", "entries"),
    measures=Registry(
        "measure",
        {
            "rejected": Card(
                name="rejected at .05", reading=REJECTED, headline=True, of_trials=True
            ),
            "p-value": Card(
                name="p-value",
                reading="under independence it is even from 0 to 1, one half on average.",
            ),
            "information": Card(
                name="I(x; y | z)",
                unit="nats",
                reading="the test's own estimate, beside what is known on paper.",
            ),
        },
    ),
    parts=("levels", "reading", "claims", "numbers", "troubles"),
    answer="vmi.independence.calling:answer",
    offered=("x", "y", "z", "generator"),
)

OF_LEARNERS = Kind(
    task=Noun("graphs", GRAPHS, "graph"),
    method=Noun("learners", LEARNERS, "learner", "entries"),
    measures=SCORES,
    parts=(
        "headline",
        "reading",
        "claims",
        "recovery",
        "networks",
        "scores",
        "numbers",
        "troubles",
    ),
    answer="vmi.learners.scoring:answer",
    offered=("x", "generator"),
    within={"test": TESTS},
)

KINDS = {
    "models": OF_MODELS,
    "estimators": OF_ESTIMATORS,
    "tests": OF_TESTS,
    "learners": OF_LEARNERS,
}


def kind_of(settings: Mapping[str, Any]) -> Kind:
    """Returns the kind of a suite: the one that it names, or that has most of its keys.

    Raises:
        UserError: It names one that is not there.
    """
    if "kind" not in settings:
        return max(KINDS.values(), key=lambda kind: len(settings.keys() & set(kind.keys)))
    name = str(settings["kind"])
    if name in KINDS:
        return KINDS[name]
    if ":" not in name:
        raise unknown("kind of suite", name, KINDS)
    found = import_reference("kind of suite", name)
    if not isinstance(found, Kind):
        raise UserError(f"kind: {name!r} is a {type(found).__name__}, not a vmi.suites.kinds.Kind")
    return found
