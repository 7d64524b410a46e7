"""The set of nodes that run is exactly the dirty set, by an oracle that knows nothing of caches."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphengine.api import Link, Node, Workflow
from graphengine.graph import document
from tests.execution.kinds import engine

CODE = st.dictionaries(st.sampled_from(["Number", "Add", "Scale", "Switch"]), st.sampled_from(["", "v2"]))
FILES = ("x.png", "y.png")


class Meaning:
    """What the nodes of a workflow compute, written out, and their values, computed from nothing.

    Two nodes of one meaning are one piece of work. Files are ``name -> (times written, number in it)``.
    """

    def __init__(self, workflow, code, files):
        self.nodes, self.code, self.files = workflow.nodes, code, files

    def sources(self, id):
        """The nodes that it reads: of a switch only the side that it takes."""
        node = self.nodes[id]
        links = {name: value.node for name, value in node.inputs.items() if isinstance(value, Link)}
        if node.kind == "Switch":
            links.pop("b" if self.value(links["on"]) else "a")
        return links

    def of(self, id):
        node = self.nodes[id]
        literals = {name: repr(value) for name, value in node.inputs.items() if not isinstance(value, Link)}
        file = str(self.files[node.inputs["name"]][0]) if node.kind == "Read" else ""
        inputs = {**literals, **{name: self.of(source) for name, source in self.sources(id).items()}}
        return f"{node.kind}{self.code.get(node.kind, '')}{file}({sorted(inputs.items())})"

    def value(self, id):
        """A number, or a list where the node was called for each item of one."""
        node = self.nodes[id]
        given = {**node.inputs, **{name: self.value(source) for name, source in self.sources(id).items()}}
        if node.kind == "Sum":
            values = given["values"]
            return sum(values) if isinstance(values, list) else values
        if node.kind == "Count":
            return [float(i) for i in range(given["to"])]
        if node.kind == "Switch":
            return given["a" if given["on"] else "b"]
        lists = [value for value in given.values() if isinstance(value, list)]
        if not lists:
            return self.once(node.kind, **given)
        rows = max(map(len, lists)) if all(lists) else 0
        at = [{n: v[min(i, len(v) - 1)] if isinstance(v, list) else v for n, v in given.items()} for i in range(rows)]
        return [self.once(node.kind, **row) for row in at]

    def once(self, kind, **given):
        if kind == "Number":
            return given["value"]
        if kind == "Read":
            return float(self.files[given["name"]][1])
        return given["a"] * given["by"] if kind == "Scale" else given["a"] + 2 * given["b"] + given["offset"]

    def dirty(self, targets, done):
        """From the targets back, stopping at work that was done before."""
        found, pending = set(), list(targets)
        while pending:
            id = pending.pop()
            if id not in found and self.of(id) not in done:
                found.add(id)
                pending += self.sources(id).values()
        return found


SOURCES = ("Number", "Read", "Count")
SINGLE = ("Number", "Read", "Sum")  # never give a list
LITERALS = {"Number": "value", "Scale": "by", "Add": "offset", "Count": "to", "Read": "name"}


def literal(rng, kind):
    whole = {"Add": rng.randrange(4), "Count": rng.randrange(3), "Read": rng.choice(FILES)}
    return whole.get(kind, float(rng.randrange(3)))


def random_node(rng, earlier):
    """A node that may be linked to these earlier ones (id -> node)."""
    single = [id for id, node in earlier.items() if node.kind in SINGLE]
    kind = rng.choice(
        [*SOURCES, *(["Scale", "Add", "Add", "Sum"] if earlier else []), *(["Switch"] * 2 if single else [])]
    )
    names = {"Scale": ["a"], "Add": ["a", "b"], "Sum": ["values"], "Switch": ["a", "b"]}.get(kind, [])
    inputs = {name: Link(rng.choice(list(earlier)), "float") for name in names}
    if kind == "Switch":
        inputs["on"] = Link(rng.choice(single), "float")
    if kind in LITERALS:
        inputs[LITERALS[kind]] = literal(rng, kind)
    return Node(kind, inputs)


def random_workflow(rng, size):
    nodes = {}
    for i in range(size):
        nodes[str(i)] = random_node(rng, nodes)
    return Workflow(nodes)


def edited(rng, workflow, files):
    """One random edit: a value, a link, a file's content, ids renamed, nodes moved in the editor."""
    nodes = dict(workflow.nodes)
    kind = rng.choice(["value", "link", "file", "rename", "move"])
    id = rng.choice(list(nodes))
    node = nodes[id]
    earlier = list(nodes)[: list(nodes).index(id)]
    if kind == "value" and node.kind in LITERALS:
        nodes[id] = node.with_input(LITERALS[node.kind], literal(rng, node.kind))
    elif kind == "link" and node.links and earlier:
        name = rng.choice(list(node.links))
        allowed = [other for other in earlier if name != "on" or nodes[other].kind in SINGLE]
        nodes[id] = node.with_input(name, Link(rng.choice(allowed), "float"))
    elif kind == "file":
        name = rng.choice(FILES)
        files[name] = (files[name][0] + 1, rng.randrange(3))
    elif kind == "rename":
        nodes = {f"{old}'": renamed(n) for old, n in nodes.items()}
    return replace(workflow, nodes=nodes, layout={"moved": rng.random()})


def renamed(node):
    inputs = {k: Link(f"{v.node}'", v.output) if isinstance(v, Link) else v for k, v in node.inputs.items()}
    return replace(node, inputs=inputs)


def write(folder, files):
    for name, (times, number) in files.items():
        path = folder / "input" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = str(number).rjust(times + 1)  # each time another size, as clocks may be coarse
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def check_edits(folder, run, seed, size, edits, codes):
    rng = random.Random(seed)
    workflow, done = random_workflow(rng, size), set()
    files = {name: (0, rng.randrange(3)) for name in FILES}
    for step in range(edits):
        code = codes[step] if step < len(codes) else {}
        write(folder, files)
        meaning = Meaning(workflow, code, files)
        targets = rng.sample(list(workflow.nodes), k=min(2, len(workflow.nodes)))
        ran, values = run(step, folder, code, workflow, targets)
        wanted = {meaning.of(id) for id in meaning.dirty(targets, done)}
        assert {meaning.of(id) for id in ran} == wanted
        assert len(ran) == len(wanted)
        assert values == {id: meaning.value(id) for id in targets}
        done |= wanted
        workflow = edited(rng, workflow, files)


def run_here(step, folder, code, workflow, targets):
    outcome = engine(folder, code=code, cache=True).run(workflow, targets=targets)
    assert outcome.status == "done"
    return outcome.ran, {id: plain(outcome.values[id][0]) for id in targets}


def plain(value):
    return list(value) if isinstance(value, tuple) else value


PROGRAM = """
import json, sys
from pathlib import Path
from graphengine.graph import document
from tests.execution.test_dirty_set import run_here
for line in sys.stdin:
    folder, code, workflow, targets = json.loads(line)
    print(json.dumps(run_here(0, Path(folder), code, document.load(workflow), targets)), flush=True)
"""


@pytest.fixture(scope="module")
def run_in_turns():
    """Run every other step in another process."""
    root = Path(__file__).parents[2]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": root}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], **pipes) as other:

        def run(step, folder, code, workflow, targets):
            if step % 2 == 0:
                return run_here(step, folder, code, workflow, targets)
            request = [str(folder), code, document.save(workflow).decode(), targets]
            other.stdin.write(f"{json.dumps(request)}\n")
            other.stdin.flush()
            return json.loads(other.stdout.readline())

        yield run


CASES = {
    "seed": st.integers(0, 10**6), "size": st.integers(1, 14), "edits": st.integers(1, 6),
    "codes": st.lists(CODE, max_size=6),
}  # fmt: skip


@settings(max_examples=100)
@given(**CASES)
def test_exactly_the_dirty_set_runs_and_results_equal_a_run_from_nothing(tmp_path_factory, seed, size, edits, codes):
    check_edits(tmp_path_factory.mktemp("home"), run_here, seed, size, edits, codes)


@settings(max_examples=25)
@given(**CASES)
def test_two_processes_that_share_the_disk_run_exactly_the_dirty_set_together(
    tmp_path_factory, run_in_turns, seed, size, edits, codes
):
    check_edits(tmp_path_factory.mktemp("home"), run_in_turns, seed, size, edits, codes)


def test_editing_the_content_of_a_file_dirties_the_node_that_names_it_and_what_is_below(tmp_path):
    nodes = {
        "read": Node("Read", {"name": "x.png"}),
        "other": Node("Read", {"name": "y.png"}),
        "add": Node("Add", {"a": Link("read", "float"), "b": Link("other", "float")}),
    }
    e = engine(tmp_path)
    for content, ran, total in ((1, ["read", "other", "add"], 11.0), (1, [], 11.0), (30, ["read", "add"], 40.0)):
        write(tmp_path, {"x.png": (content, content), "y.png": (0, 5)})
        outcome = e.run(Workflow(nodes), targets=["add"])
        assert (outcome.ran, outcome.values["add"]) == (ran, (total,))
