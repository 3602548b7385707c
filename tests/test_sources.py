"""Fingerprints: an edit of the code counts, one of its words does not."""

import pytest

from vmi.stages.sources import _code, fingerprint

CODE = '''"""About."""

def half(x):
    """Returns a half."""
    return x / 2  # exactly
'''


@pytest.fixture
def of(tmp_path):
    """The fingerprint of a file of some contents."""

    def of(contents, name="a.py"):
        _code.cache_clear()  # a process sees one version of a file; this one writes several
        (tmp_path / name).write_text(contents)
        return fingerprint([tmp_path / name])

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("About.", "All about it."),
        ("Returns a half.", "Returns half of x."),
        ("  # exactly", ""),
        ("x / 2", "(x / 2)"),
        ("\n\n", "\n\n\n"),
    ],
)
def test_words_and_layout_do_not_count(of, old, new):
    assert of(CODE.replace(old, new)) == of(CODE)


@pytest.mark.parametrize(("old", "new"), [("x / 2", "x / 3"), ("half(x)", "half(x, y=1)")])
def test_code_counts(of, old, new):
    assert of(CODE.replace(old, new)) != of(CODE)


def test_a_string_that_is_no_docstring_counts(of):
    assert of("NAME = 'a'\n") != of("NAME = 'b'\n")


def test_what_is_not_python_counts_to_the_letter(of):
    assert of("a: 1\n", "a.yaml") != of("a: 1 \n", "a.yaml")
    assert of("def broken(:\n") != of("def broken(:  #\n")


def test_a_missing_file_has_no_say(tmp_path):
    assert fingerprint([tmp_path / "none.py", None]) == fingerprint([])
