"""What answers quickly must not load torch, and torchvision never enters the environment."""

import importlib.util
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "graphengine"
LIGHT = ("graph", "execution", "packs", "compat", "server")


def light_modules() -> list[str]:
    paths = [path for folder in LIGHT for path in (PACKAGE / folder).rglob("*.py")]
    paths += [path for path in PACKAGE.glob("*.py") if path.stem not in ("ports", "__main__")]
    names = (path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(paths))
    return [".".join(name.parts).removesuffix(".__init__") for name in names]


def test_importing_everything_but_diffusion_and_the_bridge_loads_no_torch():
    assert {"graphengine.engine", "graphengine.graph.check", "graphengine.files"} <= set(light_modules())
    code = (
        "import importlib, sys\n"
        f"for name in {light_modules()!r}:\n"
        "    importlib.import_module(name)\n"
        "    assert 'torch' not in sys.modules, name + ' loads torch'\n"
        "assert 'transformers' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACKAGE.parent, timeout=120)


def test_torchvision_is_not_installed():
    assert importlib.util.find_spec("torchvision") is None
