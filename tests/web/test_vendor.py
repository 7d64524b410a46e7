"""The editor's libraries are what VENDOR.json says, and their licences are beside them."""

import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "web" / "vendor"
ENTRIES = json.loads((VENDOR / "VENDOR.json").read_text("utf-8"))
MODULES = [entry for entry in ENTRIES if "file" in entry]


@pytest.mark.parametrize("entry", MODULES, ids=lambda entry: entry["file"])
def test_every_module_has_the_hash_that_is_noted(entry: dict[str, Any]) -> None:
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_no_module_is_there_that_is_not_noted() -> None:
    assert sorted(path.name for path in VENDOR.glob("*.js")) == sorted(entry["file"] for entry in MODULES)


def test_every_module_has_declarations_and_no_others_are_there() -> None:
    assert {path.name for path in VENDOR.glob("*.d.ts")} == {path.stem + ".d.ts" for path in VENDOR.glob("*.js")}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["package"])
def test_every_licence_is_there_and_allows_passing_on(entry: dict[str, Any]) -> None:
    text = (VENDOR / entry["licence_file"]).read_text("utf-8")
    known = {"MIT": "Permission is hereby granted, free of charge", "Apache-2.0": "Apache License"}
    assert known[entry["licence"]] in text


def test_no_licence_is_there_without_its_library() -> None:
    noted = {entry["licence_file"] for entry in ENTRIES}
    assert {f"LICENSES/{path.name}" for path in (VENDOR / "LICENSES").iterdir()} == noted


@pytest.mark.parametrize("path", sorted(VENDOR.glob("*.js")), ids=lambda path: path.name)
def test_modules_work_under_a_strict_policy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r'\b(?:from|import)\s*"(?!\./)', text) == []  # only neighbours: there is no import map
    assert re.findall(r"\beval\(|\bnew Function\b|\bFunction\(", text) == []
    for name in re.findall(r'\bfrom\s*"\./([^"]+)"', text):
        assert (VENDOR / name).is_file()


def test_what_is_noted_is_what_the_tool_fetches() -> None:
    spec = importlib.util.spec_from_file_location("vendor_web", ROOT / "tools" / "vendor_web.py")
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    pinned = {(package.name, package.version, package.integrity, package.source) for package in tool.PACKAGES}
    assert {(e["package"], e["version"], e["integrity"], e["source"]) for e in ENTRIES} == pinned
