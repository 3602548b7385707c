"""Runs every script of rows and publishes what they measure: `make speed`.

    python benchmarks/speed/publish.py [--folder results/published/speed] [--only metrics,...]

Writes table.csv and table.md, speed.png, growth.csv, growth.png, machine.csv, products.csv,
shares.csv and costs.csv. Each script runs in a process of its own; one that fails is a line on the
screen, and the others go on.
"""

import argparse
import csv
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from turns import KEYS

from vmi.records import write_csv

__all__ = ["fraction", "plot_growth", "plot_speed", "scripts", "table"]

HERE = Path(__file__).parent
PUBLISHED = HERE.parents[1] / "results" / "published" / "speed"
SINGLE = ("machine", "products", "shares", "costs", "growth")  # have a table of their own
HEADER = (*KEYS, "fraction")
HEADINGS = ("work", "peer", "peer [s]", "ours [s]", "ratio", "asked", "of the limit", "note")


def scripts() -> list[str]:
    """Returns the names of the scripts that have rows."""
    texts = {path.stem: path.read_text() for path in sorted(HERE.glob("*.py"))}
    return [name for name, text in texts.items() if "\ndef rows(" in text]


def fraction(row: dict) -> str:
    """Returns the share of the limit that is reached: its least seconds over ours; "" without one.

    Example:
        >>> fraction({"limit": "0.5", "our_seconds": "2"})
        '0.25'
    """
    try:
        return f"{float(row['limit']) / float(row['our_seconds']):.2g}"
    except ValueError:
        return ""


def table(rows: Iterable[dict]) -> str:
    """Returns the rows as a table in Markdown."""
    keys = [key for key in HEADER if key != "limit"]
    keys.sort(key=lambda key: key == "note")  # last
    lines = [[row[key] or "–" for key in keys] for row in rows]
    lines = [HEADINGS, [":--", ":--", "--:", "--:", "--:", "--:", "--:", ":--"], *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def plot_speed(rows: list[dict], path: Path) -> None:
    """Plots how many times faster ours is than the peer, beside what is asked."""
    from matplotlib.figure import Figure

    from vmi.report.style import COLOURS, GREY, styled

    known = [row for row in rows if row["ratio"]][::-1]
    with styled():
        figure = Figure(figsize=(8, 1 + 0.42 * len(known)), layout="constrained")
        axes = figure.subplots()
        places = range(len(known))
        axes.barh(places, [float(row["ratio"]) for row in known], color=COLOURS[0], height=0.55)
        asked = [(i, float(r["asked"][1:])) for i, r in enumerate(known) if r["asked"][:1] == "x"]
        if asked:
            y, x = zip(*asked, strict=True)
            axes.plot(x, y, "|", color=COLOURS[1], ms=18, mew=2, label="asked")
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1))
        axes.axvline(1, color=GREY, lw=1)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_yticks(places, [row["work"] for row in known])
        axes.set_xlabel("process seconds of the peer over ours")
        figure.savefig(path, dpi=130)


def plot_growth(rows: list[dict], path: Path) -> None:
    """Plots process seconds over the size of the work, with the exponents."""
    from matplotlib.figure import Figure

    from vmi.report.style import COLOURS, styled

    cases = list(dict.fromkeys((row["work"], row["axis"]) for row in rows))
    with styled():
        figure = Figure(figsize=(10, 2.5 * -(-len(cases) // 3)), layout="constrained")
        every = figure.subplots(-(-len(cases) // 3), 3, squeeze=False).ravel()
        for axes, case in zip(every, cases, strict=False):
            mine = [row for row in rows if (row["work"], row["axis"]) == case]
            sizes, spent = ([float(row[key]) for row in mine] for key in ("size", "seconds"))
            axes.loglog(sizes, spent, "o-", color=COLOURS[0])
            axes.set_title(case[0], fontsize=9)
            axes.set_xlabel(f"{case[1]}, exponent {float(mine[0]['exponent']):.2f}")
            axes.minorticks_off()
            axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
            axes.set_yticks(spent, [f"{second:.2g}" for second in spent])  # few span a decade
        for axes in every[len(cases) :]:
            axes.axis("off")
        every[0].set_ylabel("process seconds")
        figure.savefig(path, dpi=130)


def read(path: Path) -> list[dict]:
    """Returns the rows of a csv file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def run(name: str, output: Path) -> bool:
    """Runs a script; says whether it wrote its rows."""
    print(f"--- {name}", flush=True)
    done = subprocess.run([sys.executable, HERE / f"{name}.py", "--output", output])
    if done.returncode:
        print(f"{name} failed", file=sys.stderr)
    return done.returncode == 0 and output.exists()


def main() -> None:
    """Runs all, or what `--only` names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=PUBLISHED)
    parser.add_argument("--only", type=lambda text: text.split(","), default=None)
    given = parser.parse_args()
    parts = given.folder / "rows"
    for name in given.only or [*scripts(), *SINGLE]:
        run(name, (given.folder if name in SINGLE else parts) / f"{name}.csv")
    rows = [
        row for name in scripts() if (path := parts / f"{name}.csv").exists() for row in read(path)
    ]
    rows = [row | {"fraction": fraction(row)} for row in rows]
    write_csv(given.folder / "table.csv", HEADER, ([row[key] for key in HEADER] for row in rows))
    (given.folder / "table.md").write_text(table(rows))
    plot_speed(rows, given.folder / "speed.png")
    if (growth := given.folder / "growth.csv").exists():
        plot_growth(read(growth), given.folder / "growth.png")
    print(table(rows))


if __name__ == "__main__":
    main()
