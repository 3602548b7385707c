"""What is of somewhere else: another model's weights, another version's, paths, markup."""

import shutil
from pathlib import Path
from random import Random

from bench import (
    CELL,
    COHORT,
    ROOT,
    finish,
    goes_on,
    lines,
    one_line,
    perform,
    temporary,
    undisturbed,
    write,
)
from damage import stop_within_training
from fault import Lost, fault
from jobs import Job

__all__: list[str] = []

OTHERS = {"another model": {"network": "dense-16"}, "other settings": {"latents": {"gaussian": 3}}}


@fault("weights of {} in place of a model's own", of=OTHERS, chance=False)
def other_weights(place: Path, draw: Random, whose: str) -> str:
    other = write(temporary("other"), **OTHERS[whose])
    perform(other, COHORT)
    shutil.copytree(undisturbed(), place, dirs_exist_ok=True)
    shutil.copy(other / CELL / "weights/seed-0.safetensors", place / CELL / "weights")
    write(place, pictures=["reconstructions"])  # the weights are read again
    said = one_line(perform(place, COHORT))
    shutil.rmtree(place / CELL)
    write(place)
    goes_on(place)
    return said


def _of_another_torch() -> None:
    import torch

    torch.__version__ = "99.0.0"


@fault("a state of another version of torch", chance=False)
def other_version(place: Path, draw: Random) -> str:
    stop_within_training(place, _of_another_torch)
    said = lines(perform(place, COHORT))
    if not said or "is of other torch" not in said[0]:
        raise Lost(f"nobody says so: {said}")
    goes_on(place)
    return said[0]


@fault("a state of another model", chance=False)
def other_state(place: Path, draw: Random) -> str:
    stop_within_training(place, network="dense-16")
    write(place)
    said = lines(perform(place, COHORT))
    if not said or "begins anew" not in said[0]:
        raise Lost(f"nobody says so: {said}")
    goes_on(place)
    return said[0]


OUT = "../../out"
PATHS = {
    "a data set's name": {"datasets": [{"dataset": "digits", "name": OUT}]},
    "a model's name": {"models": [{"model": "vae", "name": OUT}]},
    "an arm's name": {"arms": {OUT: {"prior": "mixture-2"}}},
    "a metric": {"metrics": [f"{OUT}:metric"]},
    "a picture": {"pictures": [f"{OUT}:picture"]},
}


@fault("a path out of the project as {}", of=PATHS, chance=False)
def path_out(place: Path, draw: Random, where: str) -> str:
    folder = write(place / "a/b", **PATHS[where])
    said = one_line(Job(folder, ["check"]).ended())
    if [p for p in place.rglob("*") if "out" in p.name]:
        raise Lost("something lies outside")
    return said


MARKUP = "</title><script>alert('1')</script> ${x} {y} [a](b) & \\frac"


@fault("markup in a title, a label and a sentence", chance=False)
def markup(place: Path, draw: Random) -> str:
    claim = {"id": "a", "sentence": MARKUP, "source": MARKUP, "is": "above", "right": 0}
    claim["left"] = {"model": "vae", "metric": "elbo"}
    models = [{"model": "vae", "name": "vae", "label": MARKUP}]
    finish(write(place, title=MARKUP, description=MARKUP, models=models, claims=[claim]))
    page = (place / ROOT / "report.html").read_text()
    if "<script>alert" in page or "&lt;script&gt;alert" not in page:
        raise Lost("the page runs it")
    if "<script>" in (place / ROOT / "claims.md").read_text().replace("\\<", ""):
        raise Lost("claims.md holds it")
    return ""


@fault("markup as a name", chance=False)
def markup_name(place: Path, draw: Random) -> str:
    write(place, models=[{"model": "vae", "name": MARKUP}])
    return one_line(Job(place, ["check"]).ended())
