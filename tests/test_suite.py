"""A suite says what it means, or is refused in one line that says why."""

from itertools import product
from types import SimpleNamespace

import pytest
import yaml
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from vmi import references
from vmi.__main__ import main
from vmi.errors import UserError
from vmi.stages import sources
from vmi.stages.cells import model_of
from vmi.suites.cohorts import cohorts, parse_cohort
from vmi.suites.file import load_suite

GOOD = {
    "title": "T",
    "seeds": "[0, 1]",
    "datasets": "[digits]",
    "models": "[vae]",
    "metrics": "[elbo]",
}

CLAIM = {
    "id": "one",
    "sentence": "S",
    "source": "here",
    "left": "{model: vae, metric: elbo}",
    "is": "above",
    "right": "0",
}


def claiming(*changes):
    """What a suite says with claims that differ from a good one."""
    made = [", ".join(f"{k}: {v}" for k, v in {**CLAIM, **change}.items()) for change in changes]
    return {"claims": f"[{', '.join(f'{{{claim}}}' for claim in made)}]"}


# What is wrong with it, and what the one line has to say.
BAD = {
    "unknown key": ({"modles": "[vae]"}, ["modles", "did you mean 'models'"]),
    "unknown training key": ({"training": "{step: 3}"}, ["'step'", "did you mean 'steps'"]),
    "unknown model": ({"models": "[vea]"}, ["'vea'", "did you mean 'vae'"]),
    "unknown data set": ({"datasets": "[digit]"}, ["'digit'", "did you mean 'digits'"]),
    "unknown metric": ({"metrics": "[migg]"}, ["'migg'", "did you mean 'mig'"]),
    "unknown network": ({"network": "dnse-16"}, ["'dnse-16'", "network"]),
    "unknown likelihood": ({"likelihood": "bernouli"}, ["did you mean 'bernoulli'"]),
    "unknown setting": (
        {"models": "[{model: beta-vae, betta: 3}]"},
        ["'betta'", "did you mean 'beta'"],
    ),
    "unknown data setting": ({"datasets": "[{dataset: digits, binarization: none}]"}, ["binaris"]),
    "setting given twice": ({"models": "[{model: beta-vae-4, beta: 3}]"}, ["'beta'", "already"]),
    "a number for nothing": ({"models": "[vae-4]"}, ["vae-4", "no setting"]),
    "text for a list": ({"seeds": "three"}, ["seeds: a list, not 'three': write [three]"]),
    "a number for seeds": ({"seeds": "3"}, ["seeds: a list, not 3: write [0, 1, 2]"]),
    "a seed for seeds": ({"seeds": "100"}, ["seeds: a list, not 100: write [100]"]),
    "a number for categories": ({"latents": "{categorical: 10}"}, ["a list, not 10: write [10]"]),
    "a name for a list": ({"metrics": "elbo"}, ["metrics: a list, not 'elbo': write [elbo]"]),
    "a mapping for a list": ({"metrics": "{elbo: 1, mig: 2}"}, ["write [elbo, mig]"]),
    "a number for a mapping": ({"latents": "8"}, ["not 8: write {gaussian: 8}"]),
    "a number for steps": ({"training": "100"}, ["not 100: write {steps: 100}"]),
    "a number for a temperature": (
        {"latents": "{temperature: 0.5}"},
        ["latents.temperature: a mapping, not 0.5: write {start: 0.5}"],
    ),
    "a name for a claim's side": (
        claiming({"left": "elbo"}),
        ["a mapping, not 'elbo': write {model: ..., metric: ...}"],
    ),
    "a number for a name": ({"network": "3"}, ['network: a name, not 3: write "3" in quotes']),
    "no for a name": ({"metrics": "[no]"}, ["metrics.0: a name, not False", "YAML reads yes, no"]),
    "a list for a name": ({"network": "[dense]"}, ["network: a name, not ['dense']: write dense"]),
    "a word for a truth": ({"latents": "{hard: 1}"}, ["latents.hard: true or false, not 1"]),
    "nothing for a list": ({"models": ""}, ["models: a list, not None: nothing stands behind"]),
    "nothing for a mapping": ({"training": ""}, ["a mapping, not None: nothing stands behind"]),
    "an unknown word": ({"training": "{engine: vmapp}"}, ["did you mean 'vmap'?"]),
    "a long list of seeds": ({"seeds": [*range(10_001)]}, ["10,001 entries, more than 10,000"]),
    "a seed of many bits": ({"seeds": "[0x" + "f" * 5000 + "]"}, ["seeds.0", "more than 63 bits"]),
    "many dimensions": (
        {"latents": "{gaussian: 1000000000000}"},
        ["at most 100,000, not 1,000,000"],
    ),
    "a long metric": ({"metrics": f"[{'a' * 100_000}]"}, ["100,000 letters, more than 200"]),
    "a long key": ({"b" * 1000: "1"}, ["unknown key", "more)"]),
    "a long value": ({"seeds": "a" * 10_000}, ["seeds: a list", "more)"]),
    "wrong type of a setting": (
        {"models": "[{model: beta-vae, beta: four}]"},
        ["beta-vae", "four"],
    ),
    "empty list": ({"models": "[]"}, ["models"]),
    "missing key": ({"metrics": None}, ["metrics"]),
    "negative weight": ({"models": "[{model: beta-vae, beta: -1}]"}, ["beta=-1", "negative"]),
    "negative weight of vmi": (
        {"models": "[{model: vmi-vae, categorical_weight: -1}]", "latents": "{categorical: [3]}"},
        ["categorical_weight=-1", "negative"],
    ),
    "negative weight of the MMD": (
        {"models": "[{model: info-vae, alpha: 0, lambda_: 0.5}]"},
        ["MMD", "negative"],
    ),
    "nothing to inform": ({"models": "[vmi-vae]"}, ["no component is chosen"]),
    "too many informed": ({"latents": "{gaussian: 2, informed: 3}"}, ["informed=3"]),
    "a scale of nothing": (
        {"datasets": "[{dataset: gaussian, likelihood: gaussian-0}]"},
        ["positive scale", "not 0"],
    ),
    "a seed twice": ({"seeds": "[1, 2, 1]"}, ["seeds"]),
    "a negative seed": ({"seeds": "[-1]"}, ["seeds", "-1"]),
    "a model twice": ({"models": "[vae, vae]"}, ["'vae'", "twice"]),
    "a metric twice": ({"metrics": "[elbo, elbo]"}, ["metrics"]),
    "negative steps": ({"training": "{steps: -5}"}, ["-5"]),
    "no such file": ({"models": "[absent:MyVAE]"}, ["absent:MyVAE", "does not import"]),
    "a file that fails": ({"models": "[broken:MyVAE]"}, ["broken:MyVAE", "ZeroDivisionError"]),
    "no such class": ({"models": "[fine:MyVEA]"}, ["'MyVEA'", "did you mean 'MyVAE'"]),
    "a metric that wants the moon": ({"metrics": "[fine:moon]"}, ["'moon'", "codes"]),
    "grey pixels as bits": (
        {"datasets": "[{dataset: digits, binarisation: none}]"},
        ["not binary", "Bernoulli"],
    ),
    "a name that is a path": ({"models": "[{name: ../up, model: vae}]"}, ["models"]),
    "a name with a line break": ({"models": '[{name: "a\\n", model: vae}]'}, ["models.0.name"]),
    "a long name": ({"models": f"[{{name: {'a' * 101}, model: vae}}]"}, ["models.0.name"]),
    "not YAML": ({"title": "[}"}, ["not YAML"]),
    "a date that is none": ({"title": "2020-13-45"}, ["not YAML"]),
    "a date": ({"models": "[{model: vae, x: 2020-01-01}]"}, ["models.0.x", "quotes"]),
    "itself": ({"models": "&a [*a]"}, ["nested"]),
    "a key that is no text": ({"1": "2"}, ["'1'"]),
    "nothing": ({"models": "[~]"}, ["models.0: a name or a mapping, not None"]),
    "a float for steps": ({"training": "{steps: 100.0}"}, ["training.steps", "whole", "100.0"]),
    "a float for a seed": ({"seeds": "[0.0]"}, ["seeds.0", "whole", "0.0"]),
    "a float of an entry": (
        {"models": "[{model: vae, training: {steps: 9.0}}]"},
        ["models.0.training.steps", "9.0"],
    ),
    "infinity": ({"models": "[{model: beta-vae, beta: .inf}]"}, ["models.0.beta", "finite"]),
    "no number": ({"training": "{learning_rate: .nan}"}, ["training.learning_rate", "finite"]),
    "infinity in a name": ({"models": "[beta-vae-1e400]"}, ["beta wants a finite number"]),
    "text for a rate": (
        {"training": "{learning_rate: 1e-3}"},
        ["training.learning_rate", "write 1.0e-3: YAML reads 1e-3 as text"],
    ),
    "text for a weight": (
        {"models": "[{model: beta-vae, beta: 1e-3}]"},
        ["beta", "write 1.0e-3: YAML reads 1e-3 as text"],
    ),
    "no samples": ({"metrics": "[iwae-0]"}, ["k wants a whole number of at least 1, not 0"]),
    "half a bin": ({"metrics": "[mig-0.5]"}, ["bins wants a whole number of at least 1"]),
    "no units": ({"network": "dense-0"}, ["hidden wants a whole number of at least 1"]),
    "no steps of Q": ({"metrics": "[vmi-bound-0]"}, ["steps wants a whole number"]),
    "not a grid": ({"datasets": "[{dataset: sprites, grid: 5}]"}, ["grid must be five numbers"]),
    "a set of one": ({"datasets": "[{dataset: gaussian, n: 1}]"}, ["gaussian", "n must be"]),
    "a data set that fails": ({"datasets": "[fine:data]"}, ["'fine:data'", "KeyError: 'rows'"]),
    "a model that fails": ({"models": "[fine:Failing]"}, ["'fine:Failing'", "KeyError: 'x'"]),
    "a thing to call": ({"models": "[fine:number]"}, ["'fine:number'", "cannot be called"]),
    "a file that exits": ({"models": "[leaving:MyVAE]"}, ["leaving:MyVAE", "SystemExit: 0"]),
    "a claim twice": (claiming({}, {}), ["'one'", "twice"]),
    "a claim of itself": (
        claiming({"right": "{model: vae, metric: elbo}"}),
        ["'one'", "compares something with itself"],
    ),
    "a claim of its own model": (claiming({"right": "{model: vae}"}), ["with itself"]),
    "a claim of an unknown model": (
        claiming({"right": "{model: vea}"}),
        ["model of this suite, in claim 'one': 'vea'", "did you mean 'vae'"],
    ),
    "a claim of an unknown metric": (
        claiming({"left": "{model: vae, metric: elbow/rate}"}),
        ["metric of this suite, in claim 'one': 'elbow'", "did you mean 'elbo'"],
    ),
    "a claim of an unknown metric on the right": (
        claiming({"right": "{metric: mig}"}),
        ["metric of this suite, in claim 'one': 'mig'"],
    ),
    "a claim on an unknown data set": (
        claiming({"datasets": "[digit]"}),
        ["dataset of this suite, in claim 'one': 'digit'", "did you mean 'digits'"],
    ),
    "a claim against nothing": (claiming({"right": "{}"}), ["claims.0.right"]),
    "a claim against text": (
        claiming({"right": "1e-3"}),
        ["claims.0.right: a number or a mapping, not '1e-3' (write 1.0e-3"],
    ),
    "a claim within less than nothing": (
        claiming({"is": "within", "margin": "-0.1"}),
        ["'one'", "nothing is within a margin below 0"],
    ),
    "a margin that is no number": (claiming({"margin": ".nan"}), ["claims.0.margin", "finite"]),
    "a margin without end": (claiming({"margin": ".inf"}), ["claims.0.margin", "finite"]),
    "a margin in text": (claiming({"margin": "1e-3"}), ["claims.0.margin: a number, not '1e-3'"]),
    "a claim of no relation": (claiming({"is": "over"}), ["claims.0.is", "'over'"]),
    "a claim with a typo": (claiming({"margn": "1"}), ["'margn'", "did you mean 'margin'"]),
}


# Nine lists, each of nine of the one before: 9**9 names.
LAUGHS = "\n".join(
    f"k{i}: &a{i} [{', '.join([f'*a{i - 1}' if i else 'vae'] * 9)}]" for i in range(10)
)
LAUGHS = LAUGHS.encode()

FINE = """
number = 3
class MyVAE: pass
class Failing:
    def __init__(self, *args):
        raise KeyError("x")
def moon(moon): pass
def data():
    raise KeyError("rows")
"""


def written(folder, **changes):
    settings = {**GOOD, **changes}
    lines = [f"{key}: {value}" for key, value in settings.items() if value is not None]
    path = folder / "mine.yaml"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_code_2(case, workplace, capsys):
    changes, said = BAD[case]
    (workplace / "broken.py").write_text("1 / 0\n")
    (workplace / "leaving.py").write_text("raise SystemExit(0)\n")
    (workplace / "fine.py").write_text(FINE)
    assert main(["check", "--suite", written(workplace, **changes)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(text in error for text in said), error


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title: \xff", "not UTF-8"),
        (b"", "a suite is a mapping of keys"),
        (b"[1]", "a suite is a mapping of keys"),
        (b"x: " + b"1" * 5000, "not YAML"),
        (b"seeds: [0]\nmodels: [vae]\nmodels: [vae]", "'models' is given twice, in line 3"),
        (b"latents:\n  hard: no\n  hard: yes", "'hard' is given twice, in line 3"),
        (b"a: &a {b: 1}\nc:\n  <<: *a\n  b: 2", "unknown key in the suite: 'a'"),
        (LAUGHS, "line 7: its anchors expand to more than"),
        (b"a: &a [&b x, *b, *a]", "line 1: nested in itself"),
        (b"[" * 5000, "not YAML"),
        (b"metrics: [" + b"mig-1, " * 200_000 + b"mig]", "longer than 1,000,000 letters"),
    ],
    ids=[
        *("bytes", "empty", "list", "long number", "twice", "twice inside", "merged", "laughs"),
        *("itself", "deep", "long"),
    ],
)
def test_a_file_that_is_no_suite_is_one_line_and_exit_code_2(content, said, workplace, capsys):
    (workplace / "mine.yaml").write_bytes(content)
    assert main(["check", "--suite", "mine.yaml"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("vmi: error: mine.yaml: ") and error.count("\n") == 1
    assert said in error


@pytest.mark.parametrize("name", ["my suite.yaml", "published.yaml", "a\n.yaml", ".a.yaml"])
def test_a_file_whose_name_can_be_no_folder_is_refused(name, workplace, capsys):
    (workplace / written(workplace)).rename(workplace / name)
    assert main(["check", "--suite", name]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"vmi: error: suite file {name!r}: ") and error.count("\n") == 1


def test_a_good_suite_passes_the_check(workplace):
    assert main(["check", "--suite", written(workplace)]) == 0


def test_a_plug_in_beside_its_suite_is_found_and_followed_or_the_folders_are_named(
    workplace, monkeypatch, capsys
):
    monkeypatch.setattr("vmi.references.FOLDERS", [])
    monkeypatch.setattr("vmi.stages.sources.FOLDERS", references.FOLDERS)
    folder = workplace / "own"
    folder.mkdir()
    path = written(folder, metrics="[beside:metric]")
    assert main(["check", "--suite", path]) == 2
    assert f"beside.py in {workplace} or {folder}" in capsys.readouterr().err
    (folder / "beside.py").write_text("import helper\ndef metric(codes): print(1)\nprint(2)\n")
    (folder / "helper.py").write_text("")
    assert main(["check", "--suite", path]) == 0
    assert capsys.readouterr().out == ""
    assert {folder / "beside.py", folder / "helper.py"} <= sources.files("beside:metric")


@pytest.mark.parametrize("arguments", [["chekc"], ["train"], ["check"], []])
def test_a_bad_command_is_one_line_and_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("seeds", ["0-1000000000", "0+" * 10**6 + "0", "1-", ""])
def test_seeds_that_no_job_takes_are_refused(seeds, workplace, capsys):
    given = ["--task", "digits", "--method", "vae", "--seeds", seeds]
    assert main(["cohort", "--suite", written(workplace), *given]) == 2
    error = capsys.readouterr().err
    assert "seeds" in error and len(error) < 1000


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from(
        ["vae", "digits", "elbo", "ksg-3", "normal", "a:b", "1e-3", "*a", "&a 1", "- x"]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([*GOOD, *CLAIM, "name", "steps", "gaussian"]), inner, max_size=3
        ),
    ),
    max_leaves=6,
)
PLACES = ("latents", "training", "claims", "headline", "sizes", "tasks", "kind", "pictures", "like")


@fuzzed(2 / 3)
@given(st.dictionaries(st.sampled_from([*GOOD, *PLACES]), VALUES, min_size=1, max_size=3))
def test_whatever_a_suite_says_is_taken_or_refused_in_one_line(workplace, capsys, said):
    good = {key: yaml.safe_load(value) for key, value in GOOD.items()}
    (workplace / "mine.yaml").write_text(yaml.safe_dump({**good, **said}), encoding="utf-8")
    try:
        load_suite("mine.yaml")
    except UserError as error:
        assert str(error).startswith("mine.yaml: ") and len(str(error).splitlines()) == 1
        assert "is not of type" not in str(error) and len(str(error)) < 3000


@fuzzed(1 / 3)
@given(st.text(st.sampled_from("abc:[]{}&*!|>-#\"'\n\t ,?%@1e0.~<\0\x85"), max_size=40))
def test_whatever_text_a_file_holds_is_refused_in_one_line(workplace, text):
    (workplace / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_suite("mine.yaml")
    assert str(caught.value).startswith("mine.yaml: ")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["demoo", "there/is/no.yaml", "a" * 5000 + ".yaml", "a\0.yaml"])
def test_an_unknown_suite_is_refused(name, capsys):
    assert main(["check", "--suite", name]) == 2
    error = capsys.readouterr().err
    assert name[:20].partition("\0")[0] in error and error.count("\n") == 1


@pytest.mark.parametrize("name", ["smoke", "demo", "paper", "paper-small"])
def test_the_suites_here_hold_to_the_schema(name):
    suite = load_suite(name)
    assert suite.title
    assert suite.measures and suite.methods and suite.tasks


@pytest.mark.parametrize("name", ["paper", "paper-small", "priors"])
def test_every_model_of_a_suite_here_can_be_made_on_every_data_set(name):
    suite, mnist_like = load_suite(name), SimpleNamespace(shape=(1, 28, 28))
    for task, method in product(suite.tasks, suite.methods):
        assert model_of(suite.cell(task, method), mnist_like)


def test_a_model_goes_before_its_data_set_and_that_before_the_suite(workplace):
    path = written(
        workplace,
        latents="{gaussian: 2, informed: 1}",
        network="dense-8",
        datasets="[{dataset: digits, latents: {gaussian: 3}, network: dense-9}]",
        models="[vae, {name: other, model: vae, latents: {gaussian: 4}, network: dense-10}]",
    )
    suite = load_suite(path)
    assert suite.cell("digits", "vae")["latents"] == {"gaussian": 3, "informed": 1}
    assert suite.cell("digits", "other")["latents"] == {"gaussian": 4, "informed": 1}
    assert suite.cell("digits", "vae")["network"] == "dense-9"
    assert suite.cell("digits", "other")["network"] == "dense-10"


def test_a_claim_is_told_in_full(workplace):
    left = {"method": "vae", "arm": "", "measure": "elbo", "size": 0, "task": ""}
    made = claiming({"right": "{metric: elbo/rate}"}, {"id": "two", "margin": "-0.1"})
    one, two = load_suite(written(workplace, **made)).claims
    assert one["left"] == two["left"] == left and one["right"] == {**left, "measure": "elbo/rate"}
    assert (one["margin"], one["tasks"], one["published"]) == (0, ["digits"], "unknown")
    assert two["right"] == 0 and two["margin"] == -0.1


def test_the_claims_of_the_paper_are_those_of_the_small_suite():
    assert load_suite("paper").claims == load_suite("paper-small").claims != []


def test_a_claim_may_speak_of_a_metric_of_the_users_own(workplace):
    made = claiming({"left": "{model: vae, metric: own/part}"})
    assert load_suite(written(workplace, metrics="[my:own]", **made)).claims


def test_a_range_of_seeds_is_written_as_in_the_names_of_cohorts(workplace):
    written(workplace, seeds="3-6")
    assert load_suite("mine.yaml").seeds == [3, 4, 5, 6]
    written(workplace, seeds="6-3")
    with pytest.raises(UserError, match="seeds: an empty list"):
        load_suite("mine.yaml")


def like(folder, text):
    """Writes a suite by its text alone, beside the one that it may be like."""
    (folder / "other.yaml").write_text(text)
    return "other.yaml"


def test_a_suite_that_is_like_another_joins_mappings_key_by_key_and_replaces_lists(workplace):
    written(
        workplace,
        seeds="[0, 1, 2]",
        metrics="[elbo, mig]",
        latents="{gaussian: 3, temperature: {start: 2, rate: 0.1}}",
        training="{steps: 50, batch_size: 8}",
    )
    text = """
like: mine.yaml
title: Like mine
metrics: [information]
latents: { gaussian: 4, temperature: { rate: 0.2 } }
training: { steps: 5 }
"""
    suite, other = load_suite(like(workplace, text)), load_suite("mine.yaml")
    assert (suite.name, suite.title, suite.seeds) == ("other", "Like mine", [0, 1, 2])
    assert suite.measures == ["information"]
    cell, before = suite.cell("digits", "vae"), other.cell("digits", "vae")
    assert cell["latents"] == {"gaussian": 4, "temperature": {"start": 2, "rate": 0.2}}
    assert cell["training"] == {"steps": 5, "batch_size": 8}
    assert before["latents"] == {"gaussian": 3, "temperature": {"start": 2, "rate": 0.1}}
    assert {**cell, "latents": 0, "training": 0} == {**before, "latents": 0, "training": 0}
    assert "like" not in suite.settings


def test_what_is_left_empty_is_as_in_the_other(workplace):
    written(workplace, training="{steps: 50}")
    suite = load_suite(like(workplace, "like: mine.yaml\ntraining:\nseeds: ~\n"))
    assert suite.settings == {**load_suite("mine.yaml").settings}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("like: other.yaml\n", "like: 'other.yaml' is no suite that stands by itself"),
        ("like: third.yaml\n", "like: 'third.yaml' is no suite that stands by itself"),
        ("like: absent.yaml\n", "there is no suite file absent.yaml"),
        ("like: demoo\n", "did you mean 'demo'"),
        ("like: list.yaml\n", "like: 'list.yaml' is no suite that stands by itself"),
        ("like: broken.yaml\n", "broken.yaml: not YAML"),
        ("like: ~\n", "unknown suite 'None'"),
        ("like: demo\nseedz: [1]\n", "did you mean 'seeds'"),
        ("like: demo\nclaims: []\n", "claims: an empty list"),
    ],
)
def test_a_suite_that_can_be_like_nothing_is_refused_in_one_line(text, said, workplace, capsys):
    (workplace / "third.yaml").write_text("like: demo\n")
    (workplace / "list.yaml").write_text("[1]")
    (workplace / "broken.yaml").write_text("[}")
    assert main(["check", "--suite", like(workplace, text)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("vmi: error: other.yaml: ") and error.count("\n") == 1
    assert said in error


def test_label_group_and_variant_are_for_the_reader_alone(workplace):
    entries = "[{model: vae, label: The VAE, group: G, variant: A}, {name: other, model: vae}]"
    suite = load_suite(written(workplace, models=entries))
    assert suite.groups == {"vae": "G", "other": "other"}
    assert suite.variants == {"vae": "A", "other": ""}
    assert suite.card("methods", "vae").name == "The VAE"
    assert suite.cell("digits", "vae") == suite.cell("digits", "other")


ESTIMATORS = {
    "title": "T",
    "seeds": "[0, 1]",
    "sizes": "[30, 60]",
    "tasks": "{a: [normal, dense-2]}",
    "estimators": "[ksg-3, cca]",
}


def claiming_of_estimators(folder, claim):
    lines = [f"{key}: {value}" for key, value in ESTIMATORS.items()]
    lines.append(f"claims: [{{id: one, sentence: S, source: here, {claim}}}]")
    (folder / "estimators.yaml").write_text("\n".join(lines) + "\n")
    return "estimators.yaml"


def test_a_claim_of_estimators_speaks_of_the_largest_sample_and_of_the_truth(workplace):
    claim = "left: {estimator: ksg-3}, is: within, margin: 0.1, right: truth, tasks: [normal]"
    (one,) = load_suite(claiming_of_estimators(workplace, claim)).claims
    whole = {"measure": "information", "arm": "", "task": ""}
    assert one["left"] == {"method": "ksg-3", "size": 60, **whole}
    assert (one["right"], one["tasks"]) == ("truth", ["normal"])
    claim = "left: {estimator: ksg-3, size: 30}, is: above, right: {estimator: cca}"
    (one,) = load_suite(claiming_of_estimators(workplace, claim)).claims
    assert one["right"] == {"method": "cca", "size": 30, **whole}


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("left: {model: vae}, is: above, right: 0", ["'model'", "claims.0.left"]),
        ("left: {estimator: csa}, is: above, right: 0", ["estimator of this suite", "'cca'"]),
        ("left: {estimator: cca, size: 31}, is: above, right: 0", ["size of this suite", "'31'"]),
        ("left: {estimator: cca}, is: above, right: 0, tasks: [b]", ["task of this suite", "'b'"]),
        ("left: {estimator: cca}, is: above, right: trooth", ["claims.0.right", "'trooth'"]),
    ],
)
def test_a_wrong_claim_of_estimators_is_one_line(workplace, claim, said, capsys):
    assert main(["check", "--suite", claiming_of_estimators(workplace, claim)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and all(text in error for text in said), error


def test_a_kind_that_is_not_there_is_refused(workplace, capsys):
    (workplace / "fine.py").write_text("KIND = 3\n")
    for kind, said in [("modles", "did you mean 'models'"), ("fine:KIND", "is a int")]:
        assert main(["check", "--suite", written(workplace, kind=kind)]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and said in error


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(1, 7))
def test_cohorts_partition_the_seeds(seeds, size):
    names = cohorts(sorted(seeds), size)
    assert sorted(s for name in names for s in parse_cohort(name)) == sorted(seeds)
    assert all(len(parse_cohort(name)) <= size for name in names)


@given(st.sets(st.integers(0, 40), min_size=1), st.sets(st.integers(0, 40)), st.integers(1, 7))
def test_seeds_added_later_leave_the_cohorts_that_exist_alone(seeds, more, size):
    before = cohorts(sorted(seeds), size)
    after = cohorts(sorted(seeds | more), size, before)
    assert set(before) <= set(after)
    assert sorted(s for name in after for s in parse_cohort(name)) == sorted(seeds | more)


def test_cohorts_of_a_run_that_was_cut_off_stay_what_they_were():
    whole = cohorts(range(10), 4)
    for existing in whole:
        assert cohorts(range(10), 4, [existing]) == whole


def test_a_seed_taken_out_trains_nothing():
    assert cohorts([0, 1, 3], 5, ["0-4"]) == ["0-4"]


def test_no_seed_is_in_two_cohorts():
    assert cohorts(range(6), 5, ["0-2", "2-4", "7"]) == ["0-2", "3-5"]
