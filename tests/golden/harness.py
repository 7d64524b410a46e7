"""Golden cases: what the original authors' code computed, and what ours computes from the same inputs.

A case is ``NAME.json`` (configuration, tolerances), ``NAME.io.safetensors`` (inputs, outputs) and weight files.
A check is a function registered under the case's name that yields every output by name; whatever it does not yield
is a miss. The same checks run on any folder of cases, so other seeds and sizes need no other code.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

Outputs = Iterator[tuple[str, Any]]


@dataclass(frozen=True)
class Case:
    """One golden case in a folder."""

    folder: Path
    name: str

    @cached_property
    def spec(self) -> dict[str, Any]:
        return json.loads((self.folder / f"{self.name}.json").read_text())

    @property
    def config(self) -> Any:
        return self.spec["config"]

    @cached_property
    def _io(self) -> dict[str, Tensor]:
        path = self.folder / f"{self.name}.io.safetensors"
        return load_file(path) if path.exists() else {}

    @cached_property
    def inputs(self) -> dict[str, Tensor]:
        """Inputs by name, without ``in/`` or ``in.``."""
        return {name[3:]: value for name, value in self._io.items() if name.startswith(("in/", "in."))}

    @cached_property
    def outputs(self) -> dict[str, Tensor]:
        """Expected outputs by name, without ``out/`` or ``out.``."""
        return {name[4:]: value for name, value in self._io.items() if name.startswith(("out/", "out."))}

    @cached_property
    def files(self) -> dict[str, Path]:
        """Weight files by role (or by file name where the case gives no role)."""
        listed = self.spec.get("files") or {entry["file"]: entry for entry in self.spec.get("weights", [])}
        return {role: self.folder / entry["file"] for role, entry in listed.items()}

    def weights(self) -> dict[str, Tensor]:
        """All weight files joined, later ones replacing earlier ones, floats widened to float32."""
        merged: dict[str, Tensor] = {}
        for path in self.files.values():
            merged.update(load_file(path))
        return {name: value.float() if value.is_floating_point() else value for name, value in merged.items()}

    def tolerance(self, output: str) -> tuple[float, float]:
        """Absolute and relative tolerance of one output."""
        tolerance = self.spec["tolerance"]
        per_output: Mapping[str, Any] = tolerance.get("per_output", {})
        if output in per_output:
            entry = per_output[output]
            return entry.get("suggested_atol", entry.get("atol", 0.0)), entry.get("rtol", 0.0)
        return tolerance.get("atol", 0.0), tolerance.get("rtol", 0.0)


CHECKS: dict[str, Callable[[Case], Outputs]] = {}


def golden(*names: str) -> Callable[[Callable[[Case], Outputs]], Callable[[Case], Outputs]]:
    """Register a check for the cases of these names."""

    def register(check: Callable[[Case], Outputs]) -> Callable[[Case], Outputs]:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return register


@dataclass(frozen=True)
class Result:
    """What one output of one case came to."""

    case: str
    output: str
    error: float
    tolerance: float
    passed: bool
    note: str = ""


def compare(case: Case, output: str, value: Tensor) -> Result:
    """Measure one output against what is expected."""
    expected = case.outputs[output]
    value = torch.as_tensor(value).detach().reshape(-1) if expected.dim() == 0 else torch.as_tensor(value).detach()
    expected = expected.reshape(-1) if expected.dim() == 0 else expected
    if value.shape != expected.shape:
        return Result(
            case.name, output, float("inf"), 0, False, f"shape {tuple(value.shape)}, not {tuple(expected.shape)}"
        )
    if not expected.is_floating_point():
        wrong = int((value != expected).sum())
        return Result(case.name, output, float(wrong), 0, wrong == 0, "integers, exact")
    atol, rtol = case.tolerance(output)
    difference = (value.double() - expected.double()).abs()
    error = float(difference.max()) if difference.numel() else 0.0
    passed = bool((difference <= atol + rtol * expected.double().abs()).all())
    return Result(case.name, output, error, atol, passed)


def check(case: Case) -> Iterator[Result]:
    """Every output of one case; an output that the check does not give is a miss."""
    seen = set()
    for output, value in CHECKS[case.name](case):
        seen.add(output)
        if isinstance(value, bool):  # a comparison the check made itself, for cases without tensors
            yield Result(case.name, output, float(not value), 0, value, "exact")
        elif output not in case.outputs:
            yield Result(case.name, output, float("inf"), 0, False, "the case has no such output")
        else:
            yield compare(case, output, value)
    for output in sorted(case.outputs.keys() - seen):
        yield Result(case.name, output, float("inf"), 0, False, "not computed")


def cases(folder: Path) -> list[Case]:
    """All cases of a folder, by name."""
    return [Case(folder, path.name.removesuffix(".json")) for path in sorted(folder.glob("*.json"))]
