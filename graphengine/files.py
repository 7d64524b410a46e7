"""Files by name: model folders and their sources, pictures to read, results to write."""

import contextlib
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from graphengine import builtin
from graphengine.file_names import FOR_ALL_SYSTEMS, can_be_named, named_in, resolve_in
from graphengine.file_writing import claim
from graphengine.graph.errors import CallError, NodeError
from graphengine.settings import Settings

WEIGHTS = (".safetensors", ".sft", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".pkl")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif")

# source -> folders below models/, as ComfyUI lays them out
MODEL_FOLDERS: Mapping[str, tuple[str, ...]] = {
    "checkpoints": ("checkpoints",),
    "loras": ("loras",),
    "vae": ("vae",),
    "text_encoders": ("text_encoders", "clip"),
    "diffusion_models": ("diffusion_models", "unet"),
    "controlnet": ("controlnet", "t2i_adapter"),
    "embeddings": ("embeddings",),
    "upscale_models": ("upscale_models",),
    "clip_vision": ("clip_vision",),
    "style_models": ("style_models",),
    "hypernetworks": ("hypernetworks",),
    "diffusers": ("diffusers",),
}
SAVED = ("checkpoints", "clip", "diffusion_models", "loras", "vae")  # also below the output folder
MODEL_PATHS = "extra_model_paths.yaml"  # in the home folder
# source -> suffixes
FROM_INPUT: Mapping[str, tuple[str, ...]] = {"input": PICTURES, "output": PICTURES, "latents": (".latent",)}
ANNOTATED = re.compile(r"(.*?) ?\[(input|output|temp)\]")
ALIASES = {"unet": "diffusion_models", "clip": "text_encoders"}


@dataclass(frozen=True)
class FileRef:
    """A file that a run made, as clients ask for it.

    Attributes:
        filename: Without folders.
        subfolder: Below the folder of its type, ``/`` between levels.
        type: ``output``, ``temp`` or ``input``.
    """

    filename: str
    subfolder: str = ""
    type: str = "output"


class Names(list[str]):
    """The names that a source offers.

    Files that runs made are told by their folder (``name [output]``): listed by the source ``output`` alone, yet
    contained where they are there.
    """

    def __init__(self, names: Iterable[str], holds: Callable[[str], bool]) -> None:
        super().__init__(sorted(names))
        self._holds = holds

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and self._holds(name))


class Files:
    """The files of one engine (a service: a node asks for it as ``*, files: Files``)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._reserved: dict[Path, int] = {}  # path of a prefix -> the highest number given out

    @cached_property
    def _folders(self) -> dict[str, tuple[Path, ...]]:
        roots = (self.settings.home / "models", builtin.MODELS)
        folders = {
            source: (
                *(root / name for root in roots for name in names),
                *(self.settings.output_folder / name for name in names if name in SAVED),
            )
            for source, names in MODEL_FOLDERS.items()
        }
        beside = self.settings.home / MODEL_PATHS
        for extra in (*self.settings.model_paths, *([beside] if beside.is_file() else [])):
            for source, path, first in _extra_paths(extra):
                known = folders.get(source, ())
                folders[source] = (path, *known) if first else (*known, path)
        return folders

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of models."""
        return tuple(self._folders)

    def folders(self, source: str) -> tuple[Path, ...]:
        """The folders a source is searched in, first match first."""
        return self._folders.get(ALIASES.get(source, source), ())

    def names(self, source: str) -> list[str]:
        """What a source offers now: relative names, sorted, the first folder winning on equal names.

        Raises:
            CallError: There is no such source.
        """
        if source in FROM_INPUT:
            home, suffixes = self.settings, FROM_INPUT[source]
            folder, mark = (home.output_folder, " [output]") if source == "output" else (home.input_folder, "")
            there = (name + mark for name in _walk(folder, suffixes))
            return Names(there, lambda name: self._is_made(name, suffixes))
        if ALIASES.get(source, source) not in self._folders:
            raise CallError(f"There is no source '{source}'.", f"Known are: input, {', '.join(self._folders)}.")
        if source == "diffusers":
            return sorted({name for folder in self.folders(source) for name in _diffusers(folder)})
        suffixes = WEIGHTS if ALIASES.get(source, source) in MODEL_FOLDERS else ("",)
        found = {name for folder in self.folders(source) for name in _walk(folder, suffixes)}
        if source == "checkpoints":  # a diffusers folder is a checkpoint too
            found |= {name for folder in self.folders(source) for name in _diffusers(folder)}
        return sorted(found)

    def find(self, source: str, name: str) -> Path | None:
        """The path of a name of a source, or None."""
        folders, place = self.folders(source), named_in
        if source in FROM_INPUT:
            name, root = self._annotated(name)
            folders, place = (root,), resolve_in
        for folder in folders:
            with contextlib.suppress(CallError):
                path = place(folder, name)
                if path.exists():
                    return path
        return None

    def model(self, source: str, name: str) -> Path:
        """The path of a model file.

        Raises:
            NodeError: It is not there.
        """
        path = self.find(source, name)
        if path is None:
            folders = " or ".join(str(folder) for folder in self.folders(source)[:2])
            raise NodeError(
                f"There is no file '{name}' among the {source}.", f"Put it into {folders}, or choose another."
            )
        return path

    def input(self, name: str) -> Path:
        """The path of a picture or other file of the input folder (``name [output]`` names the output folder).

        Raises:
            NodeError: It is not there.
        """
        path = self.find("input", name)
        if path is None:
            raise NodeError(
                f"There is no file '{name}' in {self.settings.input_folder}.", "Put it there, or choose another."
            )
        return path

    def _is_made(self, name: str, suffixes: tuple[str, ...]) -> bool:
        match = ANNOTATED.fullmatch(name)
        path = self.find("input", name) if match and match[1].lower().endswith(suffixes) else None
        return path is not None and path.is_file()

    @property
    def _roots(self) -> dict[str, Path]:
        """Type of file -> the folder of those."""
        home = self.settings
        return {"input": home.input_folder, "output": home.output_folder, "temp": home.temp_folder}

    def _annotated(self, name: str) -> tuple[str, Path]:
        match = ANNOTATED.fullmatch(name)
        return (match[1], self._roots[match[2]]) if match else (name, self.settings.input_folder)

    def reserve(self, prefix: str, suffix: str, count: int = 1, type: str = "output") -> list[tuple[Path, FileRef]]:
        """Names for files to save: ``<prefix>_00001_<suffix>`` and on, one more than the highest there is.

        The folder is made, and each file, empty: then no other process takes its name. A prefix may contain folders,
        never leave the output folder; what not every system has in names is written ``_``.

        Raises:
            NodeError: The prefix leads out of the folder.
        """
        root = self.settings.temp_folder if type == "temp" else self.settings.output_folder
        path = self._own(root, f"{prefix.translate(FOR_ALL_SYSTEMS)}_", "filename_prefix")
        path.parent.mkdir(parents=True, exist_ok=True)
        pattern = re.compile(re.escape(path.name) + r"(\d+)_?(\.[\w.]+)?")
        taken = [int(match[1]) for name in os.listdir(path.parent) if (match := pattern.fullmatch(name))]
        with self._lock:  # two nodes may save at a time: a number is given out once
            numbers = range(max(*taken, self._reserved.get(path, 0), 0) + 1, sys.maxsize)
            free = (number for number in numbers if claim(path.with_name(f"{path.name}{number:05d}_{suffix}")))
            claimed = list(islice(free, count))
            self._reserved[path] = claimed[-1]
        below = path.parent.relative_to(root.resolve()).as_posix()
        subfolder = "" if below == "." else below
        names = [f"{path.name}{number:05d}_{suffix}" for number in claimed]
        return [(path.parent / name, FileRef(name, subfolder, type)) for name in names]

    def to_train(self, name: str) -> Path:
        """The folder of a training; it need not be there.

        Raises:
            NodeError: The name leads out of the folder of all trainings.
        """
        return self._own(self.settings.home / "training", name, "name")

    def to_model(self, source: str, name: str) -> Path:
        """Where a model file of the user's own goes, to be found among the source's.

        Raises:
            NodeError: The name leads out of the source's folder.
        """
        return self._own(self.settings.home / "models" / MODEL_FOLDERS[source][0], name, "name")

    def _own(self, root: Path, name: str, input: str) -> Path:
        try:
            return resolve_in(root, name)
        except CallError as error:
            raise NodeError(error.message, "Use a name such as 'mine/first'.", input=input) from error

    def path(self, ref: FileRef) -> Path:
        """Where a file that a run made lies.

        Raises:
            CallError: There is no such type, or the name leads out of its folder.
        """
        roots = self._roots
        if ref.type not in roots:
            raise CallError(f"There is no type {ref.type!r} of files.", f"Known are {', '.join(roots)}.")
        return resolve_in(roots[ref.type], _named(ref))

    def lost(self, results: Mapping[str, Iterable[object]]) -> str | None:
        """The first file, ``a/x.png [output]``, that what a node showed refers to and that is not there."""
        return next((f"{_named(ref)} [{ref.type}]" for ref in file_refs(results) if not self._is_there(ref)), None)

    def _is_there(self, ref: FileRef) -> bool:
        try:
            return self.path(ref).is_file()
        except CallError:
            return False

    def fingerprint(self, source: str, name: str) -> str:
        """What changes when the named file (or one in the named folder) does; empty when it is not there."""
        path = self.find(source, name)
        if path is None:
            return ""
        stats = [file.stat() for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
        return ",".join(f"{stat.st_size}:{stat.st_mtime_ns}" for stat in stats)

    def mentioned(self, source: str, text: str | None) -> str:
        """What changes when files of a source that a text mentions by name do; None means any of them."""
        low = None if text is None else text.lower()
        names = [name for name in self.names(source) if low is None or PurePosixPath(name).stem.lower() in low]
        return ";".join(f"{name}={self.fingerprint(source, name)}" for name in names)


def file_refs(results: Mapping[str, Iterable[object]]) -> list[FileRef]:
    """The files among what a node showed."""
    return [item for items in results.values() for item in items if isinstance(item, FileRef)]


def _named(ref: FileRef) -> str:
    return f"{ref.subfolder}/{ref.filename}" if ref.subfolder else f"{ref.filename}"


def _walk(folder: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    seen: set[str] = set()
    for base, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        real = os.path.realpath(base)
        if real in seen:  # symbolic links may go round in circles
            folders.clear()
            continue
        seen.add(real)
        relative = Path(base).relative_to(folder)
        offered = (str(relative / name) for name in names if name.lower().endswith(suffixes) and name[0] != ".")
        yield from (name for name in offered if can_be_named(folder, name))


def _diffusers(folder: Path) -> Iterator[str]:
    """The names of the diffusers folders in a folder."""
    found = (path.name for path in folder.glob("*/") if (path / "model_index.json").is_file())
    return (name for name in found if can_be_named(folder, name))


def _extra_paths(file: Path) -> Iterator[tuple[str, Path, bool]]:
    """(source, folder, comes first) for each entry of an ``extra_model_paths.yaml``."""
    import yaml  # few have such a file, and everybody starts

    try:
        sections = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        if not isinstance(sections, dict):
            raise ValueError("it is no table of sections")
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CallError(
            f"The model paths in {file} cannot be read: {error}.", "Mend the file or leave it out."
        ) from error
    for section in sections.values():
        if not isinstance(section, dict):
            continue
        first = bool(section.get("is_default"))
        base = file.parent / os.path.expandvars(os.path.expanduser(str(section.get("base_path", "."))))
        for source, value in section.items():
            if source in ("base_path", "is_default") or not isinstance(value, str):
                continue
            for line in value.splitlines():
                if line.strip():
                    yield ALIASES.get(str(source), str(source)), base / os.path.expanduser(line.strip()), first
