"""The fuzz: whatever comes in, no 5xx, no traceback, no file outside packs/ touched, and the server goes on."""

import argparse
import hashlib
import os
import random
import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from .client import GONE
from .clone import Clone, path_of, workflow_text
from .odd_files import OddFile, odd_file
from .odd_requests import Request, body_request, odd_request
from .rawhttp import RawClient
from .server import Server, make_token
from .surroundings import own_folder
from .verdict import Verdict

_BATCH = 50
_ASKED_PER_BATCH = 10
# What commands smuggled in would make.
_FORGED = Path("/tmp/proof-forged")
_KEPT_IN_GIT = ("config", "HEAD", "description", "hooks", "info")

_QUESTIONS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "", None),
    ("GET", "/history", None),
    ("GET", "/diff?from=HEAD~1", None),
    ("GET", "?at=HEAD~1", None),
    ("PUT", "", {"enabled": False}),
    ("PUT", "", {"label": "Mended", "definition": {"tasks": []}}),
    ("PUT", "", {"tags": ["x"], "description": None}),
    ("DELETE", "", None),
)


class Scene:
    """A clone with a sibling folder beside it, served."""

    def __init__(self, folder: Path, verdict: Verdict, dice: random.Random) -> None:
        (folder / "sibling").mkdir()
        (folder / "sibling/secret.yaml").write_text("label: secret\n")
        self.clone = Clone.begin(folder / "clone", ("demo.first", "demo.second", "other.third"))
        self.verdict = verdict
        self.dice = dice
        self._base = self.clone.head()
        self._outside = self._listing()
        self.server = Server(self.clone.root, make_token(self.clone.root))
        self.server.wait()
        self._workers = self.server.workers()

    def requests(self, bodies: int, others: int) -> None:
        """Bodies to right addresses, then requests that are odd all over."""
        raw = RawClient(self.server.port, self.server.token)
        for number in range(bodies):
            self._ask(raw, body_request(self.dice))
            if number % 500 == 499:
                self.verdict.progress(f"{number + 1} of {bodies} bodies")
                self.look_after("bodies")
                self.reset()
        for _ in range(others):
            self._ask(raw, odd_request(self.dice))
        raw.close()
        self.verdict.tally["request bodies"] += bodies
        self.verdict.tally["odd requests"] += others
        self.look_after("requests")

    def files(self, total: int) -> None:
        """Files in batches: every other one is committed, the rest only saved."""
        for start in range(0, total, _BATCH):
            self.reset()
            batch = [odd_file(start % 1000 + number, self.dice) for number in range(min(_BATCH, total - start))]
            made = sum(self._make(odd) for odd in batch)
            is_committed = start // _BATCH % 2 == 0
            if is_committed:
                self.clone.git("add", "-A")
                self.clone.git("commit", "-q", "--allow-empty", "-m", "Hostile")
            self.verdict.tally["YAML files committed" if is_committed else "YAML files saved"] += made
            self.look_after(f"files from {start} ({'committed' if is_committed else 'saved'})")
            self._ask_about(batch)
            if start // _BATCH % 10 == 9:
                self.verdict.progress(f"{start + _BATCH} of {total} files")

    def look_after(self, what: str) -> None:
        """The server is up, has the same workers, is fresh, serves the good, and has left the rest alone."""
        expect = self.verdict.expect
        label = f"Fresh {time.monotonic_ns()}"
        self.clone.write(path_of("demo.second"), workflow_text(label))
        self.clone.git("add", path_of("demo.second"))
        self.clone.git("commit", "-q", "-m", "Fresh", "--", path_of("demo.second"))
        with closing(self.server.client()) as client:
            fresh = client.ask("GET", "/api/v1/workflows/demo.second")
            expect(fresh.status == 200 and fresh.json()["data"]["label"] == label, f"after {what}: not fresh: {fresh}")
            for route in ("workflows?per_page=100", "packs", "problems", "history", "workflows/other.third"):
                answer = client.ask("GET", f"/api/v1/{route}")
                expect(answer.status == 200, f"after {what}: {route} is answered {answer.status}")
        expect(self.server.workers() == self._workers, f"after {what}: a worker has died")
        expect(self._listing() == self._outside, f"after {what}: files outside packs/ have changed")
        expect(not _FORGED.exists(), f"after {what}: something was run")

    def reset(self) -> None:
        """Back to the beginning, as a person does it."""
        shutil.rmtree(self.clone.root / "packs")
        self.clone.git("reset", "-q", "--hard", self._base)

    def close(self) -> None:
        """Stop; what the log should not have is a loss each."""
        self.verdict.tally["MB resident of the largest worker"] = max(map(_megabytes, self.server.workers()), default=0)
        self.verdict.expect(self.server.stop() == 0, "the server did not end as it should")
        for line in self.server.mishaps():
            self.verdict.lost(f"in the log: {line}")
        self.verdict.expect(not (damage := self.clone.damage()), f"git fsck: {damage}")

    def _ask(self, raw: RawClient, request: Request) -> None:
        status = raw.ask(*request)
        self.verdict.tally[f"requests answered {status // 100}xx"] += 1
        if status >= 500 or status == 0:
            self.verdict.lost(f"answered {status or 'by hanging up'}: {_shortened(request)}")

    def _ask_about(self, batch: list[OddFile]) -> None:
        """Reads and writes of what the hostile files are."""
        for odd in self.dice.sample(batch, min(len(batch), _ASKED_PER_BATCH)):
            name = os.fsdecode(odd.path.rpartition(b"/")[2]).partition(".")[0]
            ref = f"{os.fsdecode(odd.path).partition('/')[0]}.{name}"
            if ref.isascii() and ref.isprintable() and "/" not in ref and " " not in ref:
                self._ask_for(ref, odd)

    def _ask_for(self, ref: str, odd: OddFile) -> None:
        path = f"/api/v1/workflows/{ref}".replace("%", "%25").replace("#", "%23")
        for method, more, body in _QUESTIONS:
            question = f"{method} {path}{more} {body} of {odd.path!r}"
            with closing(self.server.client()) as client:
                try:
                    status = client.ask(method, path + more, body).status
                except GONE as error:
                    self.verdict.lost(f"{question}: {error!r}")
                    return
            self.verdict.tally[f"requests answered {status // 100}xx"] += 1
            self.verdict.expect(status < 500, f"{question}: {status}")

    def _make(self, odd: OddFile) -> bool:
        file = self.clone.root / "packs" / os.fsdecode(odd.path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(file):
                return False  # as a link or a pipe, maybe: nothing to write into
            odd.make(file)
        except OSError:
            return False  # no name for a file here
        return True

    def _listing(self) -> dict[str, str]:
        """Everything beside the clone, and in it but for packs/ and what git and the registry keep for themselves."""
        root = self.clone.root
        tops = [path for path in root.iterdir() if path.name not in ("packs", ".git")]
        tops += [root / ".git" / name for name in _KEPT_IN_GIT] + [root.parent / "sibling"]
        files = [path for top in tops for path in (top, *top.rglob("*"))]
        beside = {str(path): "" for path in root.parent.iterdir() if path.suffix != ".log"}
        return beside | {str(path): _digest(path) for path in files}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"


def _megabytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def _shortened(request: Request) -> str:
    headers = {name: value[:100] for name, value in request.headers.items()}
    return f"{request.method!r} {request.target[:300]!r} {headers} {request.body[:600]!r} ({len(request.body)} bytes)"


def run(bodies: int, files: int, seed: int, *, keep: bool = False) -> int:
    """The exit code after so many of each."""
    verdict = Verdict("fuzz-test")
    with own_folder("fuzz", keep=keep) as folder:
        scene = Scene(folder, verdict, random.Random(seed))
        try:
            scene.requests(bodies, bodies // 2)
            # The files of a seed are the same with any number of bodies before them.
            scene.dice = random.Random(seed + 1)
            scene.files(files)
        finally:
            scene.close()
    return verdict.close()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=5000)
    parser.add_argument("--files", type=int, default=5100)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    parser.add_argument("--keep", action="store_true", help="keep the folder, for a look at what went wrong")
    asked = parser.parse_args()
    print(f"fuzz-test: {asked.bodies} bodies, {asked.files} files, seed {asked.seed}", flush=True)
    return run(asked.bodies, asked.files, asked.seed, keep=asked.keep)


if __name__ == "__main__":
    raise SystemExit(main())
