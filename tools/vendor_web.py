"""Fetch the editor's libraries into web/vendor: the only way that they change.

    python tools/vendor_web.py           # needs npm

Each is a pinned npm package whose integrity is checked. Its module is taken as it is, but for two things: imports of
other packages become relative, since a page under a strict policy has no import map, and the comment that names a
source map, which is not there, goes. ``VENDOR.json`` tells where every file is from, with its hash before and after.
The declarations (``*.d.ts``) are ours: they say of the libraries what the editor uses.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "web" / "vendor"
IMPORT = re.compile(r'(\bfrom|\bimport)\s*"([^"./][^"]*)"')
SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=\S+")
TIMEOUT = 120  # seconds for one download


@dataclass(frozen=True)
class Package:
    """A pinned package of the npm registry.

    Attributes:
        modules: Path in the package -> file in web/vendor.
        licence: SPDX name; the text comes from the package's file LICENSE.
    """

    name: str
    version: str
    integrity: str
    licence: str
    modules: dict[str, str]

    @property
    def source(self) -> str:
        """Where npm gets it from."""
        bare = self.name.rpartition("/")[2]
        return f"https://registry.npmjs.org/{self.name}/-/{bare}-{self.version}.tgz"


PACKAGES = (
    Package(
        "preact",
        "11.2.0",
        "sha512-/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0nP7dqDU9OnLxMPZ7xBg==",
        "MIT",
        {"dist/preact.mjs": "preact.js", "hooks/dist/hooks.mjs": "hooks.js"},
    ),
    Package(
        "@preact/signals-core",
        "1.14.5",
        "sha512-vcRv7Ityz5JVmeiVqIluLFzT/PDS/AlhHUpw3/aUWqcVUs6bDGIPXE/6RSC4evBNWYvnniozg5Syfj33al3gkg==",
        "MIT",
        {"dist/signals-core.mjs": "signals-core.js"},
    ),
    Package(
        "@preact/signals",
        "2.11.4",
        "sha512-Rb+5RPo9gWSaHtzJeauhHxiC8KP/IF2DEPkHPEOGOnuy2wnJzRqyeLRankUCYd6ADqtxS6GnWGv6Ie343d8aYw==",
        "MIT",
        {"dist/signals.mjs": "signals.js"},
    ),
    Package(
        "htm",
        "3.1.1",
        "sha512-983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ==",
        "Apache-2.0",
        {"dist/htm.module.js": "htm.js"},
    ),
)
RELATIVE = {
    "preact": "./preact.js",
    "preact/hooks": "./hooks.js",
    "@preact/signals-core": "./signals-core.js",
}


def main() -> None:
    """Fetch all, and write the list of what is there."""
    (VENDOR / "LICENSES").mkdir(parents=True, exist_ok=True)
    entries = [entry for package in PACKAGES for entry in vendor(package)]
    (VENDOR / "VENDOR.json").write_text(json.dumps(entries, indent=1) + "\n", "utf-8")


def vendor(package: Package) -> list[dict[str, str]]:
    """Put one package's modules and licence into web/vendor; what VENDOR.json says of them."""
    with tempfile.TemporaryDirectory() as folder:
        unpacked = fetch(package, Path(folder))
        licence = f"LICENSES/{package.name.replace('/', '-').removeprefix('@')}.txt"
        (VENDOR / licence).write_bytes((unpacked / "LICENSE").read_bytes())
        origin = {
            "package": package.name,
            "version": package.version,
            "source": package.source,
            "integrity": package.integrity,
            "licence": package.licence,
            "licence_file": licence,
        }
        return [{**origin, **place(unpacked, path, name)} for path, name in package.modules.items()] or [origin]


def fetch(package: Package, folder: Path) -> Path:
    """The package's unpacked files; raises when its bytes are not those that are pinned."""
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=folder, check=True, timeout=TIMEOUT, capture_output=True)
    archive = next(folder.glob("*.tgz"))
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise SystemExit(f"{package.name} {package.version} is {found}, not {package.integrity}.")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def place(unpacked: Path, path: str, name: str) -> dict[str, str]:
    """Write a module as the page can load it."""
    before = (unpacked / path).read_bytes()
    text = IMPORT.sub(lambda found: f'{found[1]}"{RELATIVE[found[2]]}"', before.decode())
    after = (SOURCE_MAP.sub("", text).rstrip() + "\n").encode()
    (VENDOR / name).write_bytes(after)
    return {"file": name, "path": path, "sha256_before": digest(before), "sha256": digest(after)}


def digest(data: bytes) -> str:
    """Its SHA-256."""
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
