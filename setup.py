"""Puts what a suite is run with into the wheel: the workflow, its profiles and the suites.

All else that there is to say of the package stands in pyproject.toml.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = ("Snakefile", "environment.yml", "benchmarks/*.yaml", "profiles/*/*", "workflow/**/*")


class WithWorkflow(build_py):
    """Copies them to `vmi/clone`, where `vmi.shipped` looks for them."""

    def run(self) -> None:
        """Copies modules first, as ever."""
        super().run()
        if not self.editable_mode:  # which finds them in the clone
            for path in (path for pattern in SHIPPED for path in ROOT.glob(pattern)):
                place = Path(self.build_lib, "vmi", "clone", path.relative_to(ROOT))
                if path.is_file():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, place)


setup(cmdclass={"build_py": WithWorkflow})
