"""What a cohort asks of a scheduler; tests/slurm has it that it gets it."""

import csv
import json
import re
from dataclasses import replace

import pytest
from running import ROOT

from vmi.__main__ import main
from vmi.nets.networks import NETWORKS
from vmi.stages.where import where
from vmi.suites.file import load_suite
from vmi.suites.needs import COSTS, ON_GPU, needs_of

PUBLISHED = ROOT / "results/published/paper-small"


def suite(**changes):
    """The suite `paper` with some settings changed."""
    paper = load_suite("paper")
    return replace(paper, settings={**paper.settings, **changes})


def needs(seeds=5, device="cpu", **changes):
    return needs_of(suite(**changes), "mnist", "vmi-0.01", range(seeds), device)


def test_every_network_of_the_registry_is_measured():
    assert set(COSTS) == set(NETWORKS)


def test_costs_are_those_that_were_measured():
    with (ROOT / "results/published/speed/costs.csv").open(newline="") as file:
        found = {(row["network"], row["model"]): row for row in csv.DictReader(file)}
    names = {
        f"{family}-{width}" if width > 1 else family: cost
        for family, costs in COSTS.items()
        for width, cost in costs.items()
    }
    assert {(name, model) for name in names for model in ("vae", "vmi-vae")} == found.keys()
    for name, cost in names.items():
        plain, with_q = found[name, "vae"], found[name, "vmi-vae"]
        assert cost.plain == pytest.approx(float(plain["seconds_an_image"]), rel=0.01)
        assert cost.with_q == pytest.approx(float(with_q["seconds_an_image"]), rel=0.01)
        assert cost.megabytes == pytest.approx(4e-6 * int(with_q["parameters"]), rel=0.02)


def test_a_width_between_two_that_were_measured_costs_what_lies_between():
    how = {"steps": 100_000, "batch_size": 100}
    hours = [needs(network=f"serdega-{w}", training=how).core_hours for w in (8, 16, 32, 64, 128)]
    assert hours[0] == pytest.approx(hours[1])
    assert hours[2] == pytest.approx((hours[1] * hours[3]) ** 0.5)
    assert hours[4] == pytest.approx(4 * hours[3])


def test_time_goes_by_steps_seeds_and_the_square_of_the_width():
    how = {"steps": 100_000, "batch_size": 100}
    once = needs(training=how).minutes - 60
    assert needs(training={**how, "steps": 200_000}).minutes - 60 == pytest.approx(2 * once, 1e-3)
    assert needs(training={**how, "batch_size": 200}).minutes - 60 == pytest.approx(2 * once, 1e-3)
    assert needs(seeds=10, training=how).minutes - 60 == pytest.approx(2 * once, 1e-3)
    assert needs(network="serdega-128", training=how).minutes - 60 == pytest.approx(4 * once, 1e-3)


def test_a_model_without_q_takes_less_and_a_users_own_as_much_as_any():
    def hours(model):
        one = suite(models=[{"name": "one", "model": model}])
        return needs_of(one, "mnist", "one", [0]).core_hours

    assert hours("vmi-vae-2") == hours("mine:Model") > 2 * hours("vae")
    assert hours("vae") == hours("beta-vae-4") == hours("weighted-vae") == hours("info-vae")


def test_memory_goes_by_the_size_of_the_network():
    assert needs().mb > needs(network="serdega-16").mb > needs(network="linear").mb > 2000


def test_a_network_of_the_users_own_is_taken_for_a_large_one():
    assert needs(network="mine:Net").minutes == pytest.approx(needs().minutes, rel=0.1)
    assert needs(network="mine:net-3").minutes == needs(network="mine:Net").minutes


def test_a_gpu_is_for_what_is_trained_alone():
    assert needs(device="cuda").gpus == needs(device="cuda:1").gpus == 1
    assert needs().gpus == 0
    assert needs(device="cuda").minutes < needs().minutes
    estimators = load_suite("estimators")
    assert needs_of(estimators, "normal", "ksg-3", [0], "cuda").gpus == 0


def test_what_is_short_takes_one_core():
    assert needs_of(load_suite("smoke"), "sprites", "vae", [0, 1]).cores == 1
    assert needs().cores > 1


def test_another_try_asks_for_more_up_to_three_times():
    first = needs()
    assert first.at(1) == first
    for attempt, times in ((2, 2), (3, 3), (6, 3)):
        more = first.at(attempt)
        assert (more.minutes, more.mb) == (times * first.minutes, times * first.mb)
        assert (more.cores, more.gpus) == (first.cores, first.gpus)


def test_no_published_training_took_longer_than_it_would_be_given():
    small = load_suite("paper-small")
    found = list(PUBLISHED.glob("cells/*/*/*/status.csv"))
    assert len(found) == 88
    for path in found:
        task, method, seeds = path.parts[-4:-1]
        first, last = map(int, seeds.split("-"))
        with path.open(newline="") as file:
            seconds = sum(float(row["seconds"]) for row in csv.DictReader(file))
        assert seconds < 60 * needs_of(small, task, method, range(first, last + 1)).minutes, path


def test_the_core_hours_are_those_of_the_published_trainings_within_a_quarter():
    small = load_suite("paper-small")
    planned = sum(
        needs_of(small, task, method, small.seeds).core_hours
        for task in small.task_groups
        for method in small.methods
    )
    used = json.loads((PUBLISHED / "manifest.json").read_text())["seconds"]["training"] / 3600
    assert planned == pytest.approx(used, rel=0.25)


def test_a_plan_says_how_long_it_takes_on_other_machines(workplace, capsys):
    assert main(["plan", "paper"]) == 0
    *rows, last = capsys.readouterr().out.splitlines()
    one, eight, cores = (float(n.replace(",", "")) for n in re.findall(r"([\d,.]+) on ", last))
    whole = float(rows[-1].split()[3].replace(",", ""))  # core-hours
    assert one == pytest.approx(whole / ON_GPU, rel=1e-3)
    assert one / 8 - 0.1 <= eight < 1.1 * one / 8  # each is rounded
    # 88 cohorts of four cores are all at work at once, so that the longest is waited for.
    longest = max(needs().hours, needs_of(suite(), "mnist", "gaussian-vmi", range(5)).hours)
    assert cores == pytest.approx(longest, rel=1e-2)


def test_a_plan_has_a_row_a_method_and_their_sum(workplace, capsys):
    assert main(["plan", "paper-small"]) == 0
    head, *rows, _ = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "method" and "core-hours" in head and "GPUs" not in head
    assert len(rows) == 23
    assert rows[0].split()[:3] == ["vae", "4", "0"]
    assert rows[-1].split()[:3] == ["all", "88", "0"]


def test_a_plan_counts_what_is_done_and_says_what_a_gpu_is_for(workplace, capsys):
    done = where(load_suite("smoke")).cell("sprites", "vae", "0-1").done
    done.parent.mkdir(parents=True)
    done.touch()
    assert main(["plan", "smoke", "--device", "cuda"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:3] for row in rows[1:-1]] == [
        ["vae", "1", "1"],
        ["vmi-vae", "1", "0"],
        ["all", "2", "1"],
    ]
    assert "GPUs" in rows[0] and "core-hours" not in rows[0]
