"""yaml-language-server from the npm registry, spoken to as an editor does: LSP over standard input and output."""

import itertools
import json
import os
import pwd
import queue
import shutil
import subprocess
import threading
import time
from pathlib import Path

VERSION = "1.19.2"
HOME = Path(pwd.getpwuid(os.getuid()).pw_dir)
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or HOME / ".cache") / "attune-registry-tests"
_SECONDS = 20


def installed():
    """The server's own script, installed once for all runs; None where there is no npm to install it."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    folder = CACHE / f"yaml-language-server-{VERSION}"
    script = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not script.exists():
        # Made beside its place and moved there whole: tests run side by side, and installs get interrupted.
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        package = f"yaml-language-server@{VERSION}"
        command = (npm, "install", "--prefix", str(draft), "--no-audit", "--no-fund", "--ignore-scripts", package)
        subprocess.run(command, env={**os.environ, "HOME": str(HOME)}, check=True, capture_output=True, timeout=240)
        try:
            draft.rename(folder)
        except OSError:
            shutil.rmtree(draft)
    return script


class LanguageServer:
    """A running server with one folder open, and an editor's side of the conversation."""

    def __init__(self, script, root, settings):
        self._settings = settings
        self._numbers = itertools.count(1)
        self._answers = {}
        self._diagnostics = {}
        self._news = queue.Queue()
        self._process = subprocess.Popen(
            [shutil.which("node"), str(script), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=root,
        )
        self._writing = threading.Lock()
        self._reader = threading.Thread(target=self._read_all)
        self._reader.start()
        folders = [{"uri": root.as_uri(), "name": root.name}]
        documents = {
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
            "publishDiagnostics": {},
        }
        workspace = {"configuration": True, "workspaceFolders": True}
        started = {
            "processId": os.getpid(),
            "rootUri": root.as_uri(),
            "workspaceFolders": folders,
            "capabilities": {"textDocument": documents, "workspace": workspace},
        }
        self.ask("initialize", started)
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": None}})

    def open(self, file):
        """Open a file in the editor; its diagnostics when the server has looked at it."""
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": file.read_text()}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return self._wait_for(lambda: self._diagnostics.get(file.as_uri()))

    def hover(self, file, line, column):
        """The text shown over a place; both count from 0."""
        found = self.ask("textDocument/hover", _place(file, line, column))
        return found["contents"]["value"] if found else ""

    def completions(self, file, line, column):
        """What is offered at a place, by its label."""
        found = self.ask("textDocument/completion", _place(file, line, column))
        items = found["items"] if isinstance(found, dict) else found
        return {item["label"]: item for item in items}

    def ask(self, method, params):
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        answer = self._wait_for(lambda: self._answers.get(number))
        assert "error" not in answer, answer
        return answer["result"]

    def stop(self):
        self.ask("shutdown", None)
        self._send({"method": "exit"})
        self._process.wait(timeout=_SECONDS)
        self._reader.join(timeout=_SECONDS)
        self._process.stdin.close()
        self._process.stdout.close()

    def _wait_for(self, look):
        deadline = time.monotonic() + _SECONDS
        while (found := look()) is None:
            assert time.monotonic() < deadline, "the language server does not answer"
            try:
                self._news.get(timeout=0.5)
            except queue.Empty:
                assert self._process.poll() is None, "the language server has ended"
        return found

    def _send(self, message):
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._writing:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(raw), raw))
            self._process.stdin.flush()

    def _read_all(self):
        while (message := _read(self._process.stdout)) is not None:
            self._take(message)
            self._news.put(None)

    def _take(self, message):
        method = message.get("method")
        if method is None:
            self._answers[message["id"]] = message
        elif method == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "id" in message:
            result = None
            if method == "workspace/configuration":
                result = [self._settings.get(item.get("section")) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": result})


def _place(file, line, column):
    return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}


def _read(stream):
    length = None
    while (line := stream.readline()) not in (b"", b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(stream.read(length)) if length is not None else None
