"""The layout shows the architecture: every import of ours is an arrow of the picture in docs/architecture.md."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent

# a module or package -> what it may import of ours besides itself; the longest name that fits counts
ARROWS = {
    "graphengine": {"graphengine.engine", "graphengine.graph", "graphengine.settings"},
    "graphengine.builtin": set(),
    "graphengine.garbage": set(),
    "graphengine.settings": {"graphengine.builtin"},
    "graphengine.graph": set(),
    "graphengine.execution": {"graphengine.graph"},
    "graphengine.packs": {"graphengine.graph", "graphengine"},
    "graphengine.file_names": {"graphengine.graph"},
    "graphengine.file_writing": set(),
    "graphengine.files": {
        "graphengine.builtin", "graphengine.file_names", "graphengine.file_writing", "graphengine.graph",
        "graphengine.settings",
    },
    "graphengine.file_facts": {"graphengine.execution", "graphengine.files", "graphengine.packs"},
    "graphengine.formats": {"graphengine.compat", "graphengine.graph"},
    "graphengine.api": {
        "graphengine.execution", "graphengine.file_writing", "graphengine.files", "graphengine.graph",
    },
    "graphengine.ports": {"graphengine.diffusion.types", "graphengine.graph.types"},
    "graphengine.engine": {
        "graphengine.execution", "graphengine.file_facts", "graphengine.files", "graphengine.formats",
        "graphengine.graph", "graphengine.packs", "graphengine.settings",
    },
    "graphengine.lock": {"graphengine", "graphengine.files", "graphengine.graph", "graphengine.packs"},
    "graphengine.compat": {"graphengine.engine", "graphengine.graph"},
    "graphengine.diffusion": set(),
    "nodes": {"graphengine.api", "graphengine.ports", "graphengine.diffusion"},
}  # fmt: skip
ENTRANCE = {  # the outer layers import the engine and what it hands out
    "graphengine", "graphengine.builtin", "graphengine.compat", "graphengine.engine", "graphengine.execution",
    "graphengine.file_names", "graphengine.file_writing", "graphengine.files", "graphengine.formats",
    "graphengine.garbage", "graphengine.graph", "graphengine.lock", "graphengine.packs", "graphengine.settings",
    "graphengine.worker",
}  # fmt: skip
ARROWS |= {
    "graphengine.worker": ENTRANCE,
    "graphengine.server": ENTRANCE | {"graphengine.compat"},
    "graphengine.compat.comfyui_server": ENTRANCE | {"graphengine.server"},
    "graphengine.cli": ENTRANCE | {"graphengine.server"},
    "graphengine.__main__": {"graphengine.cli"},
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """The absolute names that a file imports, also inside functions; relative imports resolved."""
    package = name_of(path.parent / "__init__.py").split(".")
    found = set()
    for statement in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            base = package[: len(package) - statement.level + 1] if statement.level else []
            module = ".".join([*base, *filter(None, [statement.module])])
            folder = ROOT.joinpath(*module.split("."))
            inside = [
                a.name for a in statement.names if (folder / f"{a.name}.py").exists() or (folder / a.name).is_dir()
            ]
            found |= {f"{module}.{name}" for name in inside} or {module}
    return found


def within(name: str, package: str) -> bool:
    return name == package or (name.startswith(f"{package}.") and package != "graphengine")


def layer(name: str) -> str:
    return max((package for package in ARROWS if within(name, package)), key=len, default=name)


def test_every_import_is_an_arrow_of_the_picture():
    wrong = []
    for path in sorted([*ROOT.glob("graphengine/**/*.py"), *ROOT.glob("nodes/**/*.py")]):
        here = layer(name_of(path))
        for imported in imports(path):
            ours = imported.split(".")[0] in ("graphengine", "nodes")
            if ours and not any(within(imported, allowed) for allowed in {here, *ARROWS.get(here, ())}):
                wrong.append(f"{path.relative_to(ROOT)} imports {imported}")
    assert not wrong, "\n".join(wrong)


def test_every_module_has_a_layer():
    modules = map(name_of, ROOT.glob("graphengine/**/*.py"))
    assert [name for name in modules if layer(name) not in ARROWS] == []


def test_graph_needs_nothing_but_the_standard_library():
    import sys

    foreign = {
        f"{path.name}: {name}"
        for path in ROOT.glob("graphengine/graph/**/*.py")
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | {"graphengine"}
    }
    assert foreign == set()


def test_only_the_bridge_and_nodes_know_both_graph_and_diffusion():
    both = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("graphengine/**/*.py")
        if any(within(name, "graphengine.diffusion") for name in imports(path))
        and not path.is_relative_to(ROOT / "graphengine/diffusion")
    }
    assert both == {"graphengine/ports.py"}


def test_only_the_command_joins_comfyuis_protocol_to_the_server():
    ours = "graphengine.compat.comfyui_server"
    importing = {
        name_of(path)
        for path in ROOT.glob("graphengine/**/*.py")
        if any(within(name, ours) for name in imports(path)) and not within(name_of(path), ours)
    }
    assert importing == {"graphengine.cli.serve"}
