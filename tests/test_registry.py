"""Names: they carry settings, an unknown one gives the nearest, and a user's own file is a name."""

import inspect
import sys

import pytest

from vmi.data import DATASETS
from vmi.errors import UserError
from vmi.independence import TESTS
from vmi.learners import LEARNERS
from vmi.likelihood import LOG_LIKELIHOODS
from vmi.metrics import METRICS
from vmi.mi import INFORMATION
from vmi.models import MODELS
from vmi.nets.likelihoods import LIKELIHOODS
from vmi.nets.networks import NETWORKS
from vmi.pictures import PICTURES
from vmi.priors import PRIORS
from vmi.references import settings, source
from vmi.registry import Registry
from vmi.tasks import GRAPHS, TRIPLES

REGISTRIES = (
    DATASETS,
    MODELS,
    NETWORKS,
    LIKELIHOODS,
    METRICS,
    INFORMATION,
    LOG_LIKELIHOODS,
    PICTURES,
    TESTS,
    LEARNERS,
    TRIPLES,
    GRAPHS,
    PRIORS,
)
ENTRIES = [(registry, name) for registry in REGISTRIES for name in registry]

entries = pytest.mark.parametrize(("registry", "name"), ENTRIES, ids=[n for _, n in ENTRIES])


@entries
def test_every_entry_imports_and_says_what_it_is(registry, name):
    thing, carried = registry.load(name)
    assert carried == {}
    assert inspect.getdoc(thing)
    assert registry.reference(name).startswith("vmi.")
    assert source(registry.reference(name)).exists()


@entries
def test_a_number_becomes_the_first_setting_of_an_entry_that_has_one(registry, name):
    thing, _ = registry.load(name)
    if first := next(iter(settings(thing)), None):
        assert registry.load(f"{name}-8") == (thing, {first: 8})
    else:
        with pytest.raises(UserError, match="no setting"):
            registry.load(f"{name}-8")


@pytest.mark.parametrize(
    ("registry", "name", "carried"),
    [
        (MODELS, "beta-vae-4", {"beta": 4}),
        (MODELS, "beta-vae-0.5", {"beta": 0.5}),
        (MODELS, "beta-vae-1e-3", {"beta": 0.001}),
        (MODELS, "vmi-vae-2", {"categorical_weight": 2}),
        (MODELS, "info-vae-0", {"alpha": 0}),
        (LOG_LIKELIHOODS, "iwae-500", {"k": 500}),
        (INFORMATION, "information-64", {"negatives": 64}),
        (INFORMATION, "information-gaussian-64", {"negatives": 64}),
        (METRICS, "mig-40", {"bins": 40}),
        (LIKELIHOODS, "squashed-gaussian-0.5", {"scale": 0.5}),
        (NETWORKS, "dense-200", {"hidden": 200}),
    ],
)
def test_a_name_carries_its_setting(registry, name, carried):
    _, found = registry.load(name)
    assert found == carried
    assert [type(v) for v in found.values()] == [type(v) for v in carried.values()]


@pytest.mark.parametrize(
    ("registry", "name", "nearest"),
    [
        (MODELS, "beta_vae", "beta-vae"),
        (MODELS, "vea", "vae"),
        (METRICS, "active-unit", "active-units"),
        (LOG_LIKELIHOODS, "iwea-500", "iwae"),
        (DATASETS, "minst", "mnist"),
        (NETWORKS, "serdeja", "serdega"),
    ],
)
def test_an_unknown_name_gives_the_nearest(registry, name, nearest):
    with pytest.raises(UserError, match=f"did you mean '{nearest}'"):
        registry.load(name)


@pytest.mark.parametrize("name", ["", "-4", "beta-vae--4", "beta-vae-x", "xyzzy", "vae-4-4-4"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(UserError, match="unknown model"):
        MODELS.split(name)


def test_settings_are_checked_by_name():
    MODELS.check("beta-vae", {"beta": 4})
    MODELS.check("vmi-vae", {"categorical_weight": 1, "q_sees": "both"})
    with pytest.raises(UserError, match="did you mean 'beta'"):
        MODELS.check("beta-vae", {"betta": 4})
    with pytest.raises(UserError, match="stands in the name already"):
        MODELS.check("beta-vae-4", {"beta": 4})


@pytest.mark.parametrize(
    ("registry", "name", "said"),
    [
        (LOG_LIKELIHOODS, "iwae-0", "k wants a whole number of at least 1, not 0"),
        (METRICS, "mig-0.5", "bins wants a whole number of at least 1, not 0.5"),
        (NETWORKS, "dense-0", "hidden wants a whole number"),
        (INFORMATION, "vmi-bound-0", "steps wants a whole number"),
        (MODELS, "beta-vae-1e400", "beta wants a finite number"),
    ],
)
def test_a_number_that_is_none_for_its_setting_is_refused(registry, name, said):
    with pytest.raises(UserError, match=said):
        registry.load(name)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("count", 0, "at least 1, not 0"),
        ("count", True, "at least 1, not True"),
        ("count", "1e3", "write 1000: YAML reads 1e3 as text"),
        ("start", -1, "at least 0, not -1"),
        ("weight", float("inf"), "a finite number"),
        ("weight", 10**400, "a finite number"),
        ("weight", "1e-3", "write 1.0e-3: YAML reads 1e-3 as text"),
        ("weight", "1.5e3", r"write 1.5e\+3: YAML"),
        ("weight", "4", "write 4 without quotes"),
        ("weight", "nan", "a number, not 'nan'$"),
        ("flag", 1, "true or false"),
        (3, 1, "unknown setting"),
    ],
)
def test_a_setting_is_the_kind_of_number_that_its_default_is(workplace, key, value, said):
    parameters = "*, count=1, start=0, weight=1.0, flag=False, free=None"
    (workplace / "my_kinds.py").write_text(f"def thing({parameters}): pass")
    MODELS.check("my_kinds:thing", {"count": 1, "start": 0, "weight": 0, "flag": True, "free": 0})
    with pytest.raises(UserError, match=said):
        MODELS.check("my_kinds:thing", {key: value})


def test_a_module_offers_what_it_defines_and_nothing_that_it_imports(workplace):
    (workplace / "my_empty.py").write_text("from pathlib import Path\nnumber = 3\n")
    with pytest.raises(UserError, match="'Pth': there are none"):
        MODELS.load("my_empty:Pth")
    with pytest.raises(UserError, match="is a int: it cannot be called"):
        MODELS.load("my_empty:number")


def test_settings_of_a_class_are_its_own_first_and_then_its_parents():
    class Parent:
        def __init__(self, x, *, a=1, b=2): ...

    class Child(Parent):
        def __init__(self, *args, c=3, b=4, **kwargs): ...

    assert list(settings(Child)) == ["c", "b", "a"]
    assert settings(Child)["b"].default == 4


# ---------------------------------------------------------------- a user's own file

MINE = """
from vmi.models.vae import VAE

class MyVAE(VAE):
    '''Mine.'''
    def __init__(self, *args, strength: float = 1.0, **kwargs):
        super().__init__(*args, **kwargs)
"""


def test_a_users_own_file_is_a_name(workplace):
    (workplace / "my_file.py").write_text(MINE)
    thing, carried = MODELS.load("my_file:MyVAE")
    assert (thing.__name__, carried) == ("MyVAE", {})
    assert MODELS.split("my_file:MyVAE") == ("my_file:MyVAE", None)
    assert MODELS.reference("my_file:MyVAE") == "my_file:MyVAE"
    MODELS.check("my_file:MyVAE", {"strength": 2.0})
    assert source("my_file:MyVAE") == workplace / "my_file.py"


def test_finding_the_source_runs_nothing(workplace):
    (workplace / "my_trap.py").write_text("raise SystemExit")
    assert source("my_trap:thing") == workplace / "my_trap.py"
    assert "my_trap" not in sys.modules
    assert source("no_such_module:thing") is None
    assert source("no_such_package.module:thing") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (MINE, "did you mean 'MyVAE'"),
        ("import no_such_module", "does not import .ModuleNotFoundError: .*no_such_module.\\)$"),
        ("1 / 0", "does not import .ZeroDivisionError"),
        ("def broken(:", "does not import .SyntaxError"),
    ],
    ids=["misspelt", "missing", "failing", "broken"],
)
def test_a_users_own_mistake_is_told_in_one_line(workplace, content, reason):
    (workplace / "my_mistake.py").write_text(content)
    with pytest.raises(UserError, match=reason) as caught:
        MODELS.load("my_mistake:MyVEA")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(UserError, match=r"does not import.*there is no no_such_file\.py in /"):
        MODELS.load("no_such_file:Thing")


@pytest.mark.parametrize("reference", ["../up:Thing", ":Thing", "here/mine:Thing", "a..b:Thing"])
def test_what_names_no_module_is_told(reference):
    with pytest.raises(UserError, match=r"names no module: .* as in my_file:Thing$"):
        MODELS.load(reference)


def test_a_registry_is_a_mapping_of_references():
    shapes = Registry("shape", {"ratio": "fractions:Fraction"})
    assert {name: c.reference for name, c in shapes.items()} == {"ratio": "fractions:Fraction"}
    assert len(shapes) == 1
