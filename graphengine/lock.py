"""The lock section of a document: what a workflow was made with, and what differs here.

{"engine": "0.1.0", "python": "3.11.7",
 "packs": {"diffusion": {"version": "1.0.0", "content": "<digest>"}},
 "files": [{"source": "checkpoints", "name": "a.safetensors", "bytes": 4265146304, "sha256": "..."}]}
"""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import graphengine
from graphengine.files import Files
from graphengine.graph.check import Analysis
from graphengine.graph.literals import short
from graphengine.graph.problem import Problem
from graphengine.graph.workflow import Workflow
from graphengine.packs.index import Index

# member -> what it is made of, and what people call that
FORMS: Mapping[str, tuple[type, str]] = {
    "engine": (str, "text"),
    "packs": (dict, "object of objects"),
    "files": (list, "list of objects"),
}


def lock(workflow: Workflow, analysis: Analysis, index: Index, files: Files) -> Workflow:
    """The workflow with a lock section made from what is here now; reads every file that it names, whole."""
    named = sorted(set(_named_files(analysis)))
    return replace(
        workflow,
        lock={
            "engine": graphengine.__version__,
            "python": platform.python_version(),
            "packs": _packs(analysis, index),
            "files": [_file(source, name, path) for source, name in named if (path := files.find(source, name))],
        },
    )


def malformed(workflow: Workflow) -> list[Problem]:
    """What a lock section says that is of no form known here: such a section cannot be compared."""
    found = []
    for name, (form, words) in FORMS.items():
        value = workflow.lock.get(name, form())
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if not isinstance(value, form) or not all(isinstance(item, dict) for item in inner):
            message = f"The lock section says {name}: {short(value)}, which is no {words}."
            found.append(Problem("bad_lock", "", "", message, "Make it anew with convert --lock, or remove it."))
    return found


def differences(workflow: Workflow, analysis: Analysis, index: Index, files: Files) -> list[str]:
    """What is not as the lock section says, as sentences; files are compared by size, then by content.

    There is none where the section is malformed.
    """
    if malformed(workflow):
        return []
    locked = workflow.lock
    found = []
    if locked.get("engine", graphengine.__version__) != graphengine.__version__:
        found.append(f"It was made with graphengine {locked['engine']}; this is {graphengine.__version__}.")
    here = _packs(analysis, index)
    for name, pack in locked.get("packs", {}).items():
        if name not in here:
            found.append(f"It was made with the pack {name} {pack.get('version')}, which is not here.")
        elif here[name] != pack:
            found.append(f"It was made with the pack {name} {pack.get('version')}; here its code differs.")
    return found + [problem for entry in locked.get("files", []) for problem in _file_differences(entry, files)]


def _named_files(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for id, spec in analysis.specs.items():
        for name, value in analysis.values[id].items():
            port = spec.input_port(name)
            if port is not None and port.file and port.source:
                yield port.source, str(value)


def _packs(analysis: Analysis, index: Index) -> dict[str, Any]:
    """Version and content digest of every pack in use."""
    codes: dict[str, set[str]] = {}
    for spec in analysis.specs.values():
        codes.setdefault(spec.pack, set()).add(spec.code)
    return {
        name: {
            "version": index.packs[name].version,
            "content": hashlib.sha256("".join(sorted(codes[name])).encode()).hexdigest()[:16],
        }
        for name in sorted(codes)
        if name in index.packs
    }


def _file(source: str, name: str, path: Path) -> dict[str, Any]:
    return {"source": source, "name": name, "bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    if path.is_dir():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_differences(entry: Mapping[str, Any], files: Files) -> list[str]:
    source, name = str(entry.get("source")), str(entry.get("name"))
    path = files.find(source, name)
    if path is None:
        return [f"The file {name} of {source} is not here (SHA-256 {entry.get('sha256')})."]
    if path.stat().st_size != entry.get("bytes") or _sha256(path) != entry.get("sha256"):
        return [f"The file {name} of {source} is another one than it was made with (SHA-256 {entry.get('sha256')})."]
    return []
