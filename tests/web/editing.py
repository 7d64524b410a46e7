"""The editor in a browser, against a server of its own with toy nodes."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from tests.indexed import PACKS, indexed

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
AXE = os.environ.get("AXE_CORE", "")
PATIENCE = 20_000  # milliseconds


@contextmanager
def started(home, port=0):
    """A server until the end, if it is not killed before; gives its process and its address."""
    command = [sys.executable, "-m", "graphengine", "serve", "--home", str(indexed(home, PACKS)), "--port", str(port)]
    command += ["--packs", str(PACKS)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    try:
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found, (home / "log").read_text()
        yield server, found[0].rstrip("/")
    finally:
        server.terminate()
        server.wait(30)
        server.stdout.close()


@contextmanager
def serving(home):
    """A server until the end; gives its address."""
    with started(home) as (_, address):
        yield address


def ask(base, method, path, data=None):
    """A request to the interface; the JSON that it answers."""
    body = None if data is None else json.dumps(data).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{base}/api/v1{path}", body, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def document(**nodes):
    """A document of nodes of the toy pack, by id: kind, which is also the title, and inputs."""
    return {
        "graphengine": 1,
        "nodes": {
            id: {"kind": f"acts/{kind}", "title": kind, "inputs": inputs} for id, (kind, inputs) in nodes.items()
        },
    }


def slowly(seconds):
    """A route's handler that passes requests on after so long."""

    def pass_on(route):
        time.sleep(seconds)
        route.continue_()

    return pass_on


def link(node, output="out"):
    return {"link": {"node": node, "output": output}}


class Editor:
    """One page; what it writes to the console as an error is kept."""

    def __init__(self, page, base):
        self.page, self.base, self.errors = page, base, []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, name="", workflow=None):
        """Open a document, which is saved first if it is given."""
        if workflow is not None:
            ask(self.base, "PUT", f"/documents/{name}", workflow)
        self.page.goto(f"{self.base}/#/{name}" if name else self.base)
        self.page.wait_for_selector("body[data-ready]")
        if name:  # a page that was ready before stays on the last one until this one has come
            self.page.wait_for_function("name => document.title.endsWith(`${name} – graphengine`)", arg=name)
        return self

    def expect(self, status):
        """A request is to be refused: the browser's word of it is no error."""
        self.errors = [error for error in self.errors if f"status of {status}" not in error]

    def press(self, key):
        self.page.locator(".surface").focus()
        self.page.keyboard.press(key)

    def saved(self, name):
        """Save what is open under its name, and give what the server has of it then."""
        with self.page.expect_response(lambda answer: answer.request.method == "PUT" and "/documents/" in answer.url):
            self.page.keyboard.press("Control+s")
        return ask(self.base, "GET", f"/documents/{name}")

    def show(self, name):
        """Show the ``graph``, the ``list``, the ``form``; or a panel."""
        if name in ("graph", "list", "form"):
            self.page.get_by_role("button", name=f"Show the {name}").click()
        else:
            self.page.locator(f"#panel-{name}").click()

    def run(self):
        self.page.locator("header .run").click()

    def select(self, title):
        """Select a node in the list."""
        self.show("list")
        self.page.locator(".list").get_by_role("button", name=title, exact=True).click()

    def state(self, node):
        return self.page.locator(f'[data-node-row="{node}"]')

    def wait_for_state(self, node, state):
        self.page.wait_for_selector(f'[data-node-row="{node}"][data-state="{state}"]')

    def serious(self):
        """What axe finds that is serious, of the page as it is; it has to be allowed to run (``bypass_csp``)."""
        self.page.evaluate(Path(AXE).read_text("utf-8"))
        found = self.page.evaluate("() => axe.run()")["violations"]
        return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]

    def text(self, selector):
        return self.page.inner_text(selector)
