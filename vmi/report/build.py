"""Everything a report is made of, from the files of a results folder and from nothing else."""

import json
from importlib import import_module

from vmi.errors import UserError
from vmi.records import read
from vmi.references import import_reference
from vmi.report.blocks import Block, File, Part, Plot
from vmi.report.manifest import manifest
from vmi.report.numbers import Numbers
from vmi.report.page import Section, page
from vmi.report.style import save
from vmi.report.writers import write
from vmi.stages.where import Where
from vmi.suites.suite import Suite

__all__ = ["build", "part_of", "sections"]


def build(suite: Suite, where: Where) -> None:
    """Writes the page, the manifest, and all files of the parts of a suite's kind."""
    numbers = Numbers(suite, where, read(where.records))
    where.figures.mkdir(exist_ok=True)  # the workflow awaits it, with figures or without
    for path in (where.claims, where.tables / "claims.csv"):
        path.unlink(missing_ok=True)  # of claims that the suite no longer makes
    shown = sections(numbers)
    for block in (block for section in shown for block in section.blocks):
        if isinstance(block, Plot):
            save(block.make(), where.figures / block.stem)
        elif isinstance(block, File):
            write(block.path, block.text)
    facts = manifest(numbers)
    write(where.manifest, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    write(where.report, page(numbers, shown, facts))


def sections(numbers: Numbers) -> list[Section]:
    """Returns the sections of a report, each of the parts that share its title, in their order."""
    found: dict[str, list[Block]] = {}
    for name in numbers.suite.kind.parts:
        part = part_of(name)
        if part.needs(numbers):
            found.setdefault(part.section, []).extend(part.make(numbers))
    return [Section(title, blocks) for title, blocks in found.items()]


def part_of(name: str) -> Part:
    """Returns the part of that name: `PART` of a module here, or a user's own `my_file:MY_PART`.

    Raises:
        UserError: There is none.
    """
    if ":" not in name:
        return import_module(f"vmi.report.parts.{name}").PART
    part = import_reference("part of a report", name)
    if not isinstance(part, Part):
        raise UserError(f"part of a report {name!r} is a {type(part).__name__}, not a Part")
    return part
