"""What people and programs do: two runs at once, a suite changed half way, numbers that explode."""

import http.server
import resource
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from random import Random

import pandas as pd
from bench import (
    CELL,
    COHORT,
    done_till,
    finish,
    goes_on,
    lines,
    one_line,
    perform,
    temporary,
    undisturbed,
    write,
)
from fault import Lost, fault
from jobs import Job

from vmi.data.files import File, find, md5
from vmi.errors import UserError

__all__: list[str] = []


@fault("two runs at once")
def two_at_once(place: Path, draw: Random) -> str:
    """The job of a cohort that begins while another is at work waits until it ends."""
    write(place)
    _, seconds, _ = done_till("cohort")
    first = Job(place, COHORT)
    first.process.join(draw.uniform(0, seconds))
    second = Job(place, COHORT)
    said = [*lines(first.ended()), *lines(second.ended())]
    goes_on(place)
    return said[0] if said else ""


@cache
def changed_suite() -> Path:
    """Another suite of the same name, undisturbed."""
    return finish(write(temporary("changed"), **CHANGED))


CHANGED = {"training": {"steps": 200, "batch_size": 16, "engine": "loop", "learning_rate": 2e-3}}


@fault("the suite is changed half way")
def changed(place: Path, draw: Random) -> str:
    write(place)
    _, seconds, _ = done_till("cohort")
    Job(place, COHORT).after(draw.uniform(0, seconds))
    write(place, **CHANGED)
    goes_on(place, changed_suite())
    return ""


SICK = """
from vmi.models.vae import VAE
class Sick(VAE):
    def objective(self, x, noise, step):
        terms = super().objective(x, noise, step)
        return terms | {"loss": terms["loss"] * (float("nan") if step >= AT else 1.0)}
"""


@fault("a loss that is not finite")
def not_finite(place: Path, draw: Random) -> str:
    """The rows of the sick model say so, and those of the other are as ever."""
    at = draw.randrange(200)
    (place / "mine.py").write_text(SICK.replace("AT", str(at)))
    write(place, models=["vae", {"name": "sick", "model": "mine:Sick"}])
    perform(place, [word.replace("vae", "sick") for word in COHORT])
    finish(place, page=False)
    status = pd.read_csv(place / CELL.parent.parent / "sick/0-1/status.csv", keep_default_na=False)
    if not all(status["error"]) or set(status["steps"]) != {at}:
        raise Lost(f"nobody says so: {status.to_dict()}")
    rows = pd.read_csv(place / "results/toy/records.csv", keep_default_na=False)
    if set(rows[rows["method"] == "sick"]["state"]) != {"failed"}:
        raise Lost("a number was measured")
    for name in ("weights/seed-0.safetensors", "weights/seed-1.safetensors"):
        if (place / CELL / name).read_bytes() != (undisturbed() / CELL / name).read_bytes():
            raise Lost("the other model is another")
    return status["error"][0]


LARGE = {"network": "dense-1024", "training": {"steps": 3, "batch_size": 16, "engine": "loop"}}


@cache
def large_suite() -> Path:
    """A suite of networks that take memory, undisturbed."""
    return finish(write(temporary("large"), **LARGE))


@fault("a limit of memory")
def out_of_memory(place: Path, draw: Random) -> str:
    """Told by the system, as `ulimit -v` has it: more is refused, and nobody is killed."""
    write(place, **LARGE)
    ended = Job(place, COHORT, first=partial(_limit, draw.randrange(40_000_000))).ended()
    said = one_line(ended) if ended.code > 0 else ""
    goes_on(place, large_suite())
    return said


def _limit(more: int) -> None:
    """Allows so many bytes more than there are now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    now = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (now, now))


# ---------------------------------------------------------------- a download


@fault("data cut in the download")
def cut_download(place: Path, draw: Random) -> str:
    """Half a file is no file: the next try fetches all of it."""
    whole = draw.randbytes(100_000)
    (place / "served").mkdir()
    (place / "served/images.gz").write_bytes(whole)
    wanted = md5(place / "served/images.gz")
    with _server(whole, draw.randrange(len(whole))) as url:
        file = File("images.gz", wanted, (f"{url}/images.gz",))
        try:
            find(file, place / "data")
            raise Lost("half a file is taken")
        except UserError as error:
            said = f"vmi: error: {error}"
        if [p for p in (place / "data").rglob("*") if p.is_file()]:
            raise Lost("half a file is left")
    with _server(whole, len(whole)) as url:
        find(File("images.gz", wanted, (f"{url}/images.gz",)), place / "data")
    shutil.rmtree(place / "served")
    return said


@contextmanager
def _server(whole: bytes, sent: int) -> Iterator[str]:
    """Serves a file on this machine, of which so many bytes are sent."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole[:sent])

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
