"""Progress: plain lines in a log, a bar in a terminal, and silence where it is asked for."""

import io
import os
import pty

import pytest

from vmi.progress import Progress


def told(*, quiet=False, every=0.0, stream=None):
    """Three steps of four, and then the last."""
    stream = stream or io.StringIO()
    progress = Progress(4, "seed 0", quiet=quiet, every=every, stream=stream)
    progress.advance(3, loss=1.23456)
    progress.advance(loss=2.0)
    progress.close()
    return stream


def test_a_log_gets_a_plain_line_each_time():
    lines = told().getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("seed 0: 3/4, ")
    assert "loss 1.235" in lines[0]
    assert lines[0].endswith("s left")
    assert lines[1].startswith("seed 0: 4/4, ")
    assert lines[1].endswith(", 0 s left")


def test_a_log_is_told_of_the_end_however_short_the_work():
    (line,) = told(every=1e9).getvalue().splitlines()
    assert line.startswith("seed 0: 4/4")


@pytest.mark.parametrize("every", [0.0, 1e9])
def test_quiet_is_quiet(every):
    assert told(quiet=True, every=every).getvalue() == ""


def on_a_terminal(**settings):
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as stream:
        told(stream=stream, **settings)
        stream.write("END")
        stream.flush()
        shown = b""
        while not shown.endswith(b"END"):
            shown += os.read(leader, 65536)
    os.close(leader)
    return shown.decode()


def test_a_terminal_gets_a_bar():
    shown = on_a_terminal()
    assert "seed 0: 100%" in shown
    assert "4/4" in shown
    assert "loss 2" in shown
    assert "s left" not in shown


def test_quiet_is_quiet_on_a_terminal():
    assert on_a_terminal(quiet=True) == "END"


def test_standard_error_is_the_place_and_standard_output_stays_clean(capsys):
    assert list(Progress(3, "encode").over("abc")) == ["a", "b", "c"]
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("encode: 3/3")
