"""What a full-size model costs in memory: one 512 x 512 step of a random Stable Diffusion 1.5, decoded and saved.

    python benchmarks/full_size.py FOLDER [--json]

FOLDER gets the model, 2.1 GB as a file and 2.1 GB as a diffusers folder, unless it is there from before. The peak is
that of the whole process; the weights are counted in the types that they are computed in.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measures import Measure, report

ROOT = Path(__file__).parent.parent
MODELS = {"file": "full_size.safetensors", "folder": "full_size_folder"}
# How many numbers each network is, and the bytes of each in the types that precision ``auto`` chooses
WEIGHTS = """
import json, sys, torch
from graphengine.diffusion.precision import Precision, parameters
from graphengine.diffusion.weights.load import load_checkpoint
found = load_checkpoint(sys.argv[1])
parts = (found.model.part, found.text_encoder.part, found.autoencoder.part)
print(sum(parameters(part) * Precision().dtype(part, torch.device("cpu")).itemsize for part in parts))
"""


def workflow(model: str) -> dict[str, object]:
    """Text to picture in one step, as ComfyUI's API format."""
    return {
        "load": _node("CheckpointLoaderSimple", ckpt_name=model),
        "positive": _node("CLIPTextEncode", clip=["load", 1], text="a red circle"),
        "negative": _node("CLIPTextEncode", clip=["load", 1], text=""),
        "empty": _node("EmptyLatentImage", width=512, height=512, batch_size=1),
        "sample": _node(
            "KSampler",
            model=["load", 0],
            positive=["positive", 0],
            negative=["negative", 0],
            latent_image=["empty", 0],
            seed=0,
            steps=1,
            cfg=7.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=1.0,
        ),
        "decode": _node("VAEDecode", samples=["sample", 0], vae=["load", 2]),
        "save": _node("SaveImage", images=["decode", 0], filename_prefix="full_size"),
    }


def _node(kind: str, **inputs: object) -> dict[str, object]:
    return {"class_type": kind, "inputs": inputs}


def peak(command: list[str]) -> int:
    """Bytes of memory that a process held at most. This process must be smaller than it: a child inherits its peak."""
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return usage.ru_maxrss * 1024


def measures(folder: Path) -> Iterator[Measure]:
    checkpoints = folder / "models" / "checkpoints"
    if not (checkpoints / MODELS["file"]).is_file():
        subprocess.run([sys.executable, "benchmarks/model_files.py", checkpoints], env=_environment(), cwd=ROOT, check=True)
    for title, model in MODELS.items():
        weights = int(
            subprocess.run(
                [sys.executable, "-c", WEIGHTS, checkpoints / model], env=_environment(), capture_output=True, check=True
            ).stdout
        )
        with tempfile.TemporaryDirectory() as scratch:
            document = Path(scratch) / "workflow.json"
            document.write_text(json.dumps(workflow(model)))
            most = peak(
                [sys.executable, "-m", "graphengine", "run", str(document), "--home", str(folder), "--output", scratch, "--no-cache"]
            )
        yield Measure(f"full size, {title}: peak memory to weights of {weights / 1e9:.2f} GB", most / weights, "", 1.3)
        yield Measure(f"full size, {title}: peak memory", most / 1e9, "GB", 3.5)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    report(measures, Path(sys.argv[1]).resolve())
