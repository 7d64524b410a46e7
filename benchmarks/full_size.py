"""What a full-size model costs in memory: one 512 x 512 step of a random Stable Diffusion 1.5, decoded and saved.

    python benchmarks/full_size.py FOLDER [--json]

FOLDER gets the model, 2.1 GB as a file and 2.1 GB as a diffusers folder, unless it is there from before. The peak is
that of the whole process; the weights are counted in the types that they are computed in.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measures import Measure, report
from processes import ROOT, graphengine, python
from workflows import text_to_picture

MODELS = {"file": "full_size.safetensors", "diffusers folder": "full_size_folder"}
# prints the bytes of all weights in the types that precision ``auto`` chooses
WEIGHTS = """
import sys, torch
from graphengine.diffusion.precision import Precision, parameters
from graphengine.diffusion.weights.load import load_checkpoint
found = load_checkpoint(sys.argv[1])
parts = (found.model.part, found.text_encoder.part, found.autoencoder.part)
print(sum(parameters(part) * Precision().dtype(part, torch.device("cpu")).itemsize for part in parts))
"""


def measures(folder: Path) -> Iterator[Measure]:
    checkpoints = folder / "models" / "checkpoints"
    if not (checkpoints / MODELS["file"]).is_file():
        python(ROOT / "benchmarks" / "model_files.py", checkpoints)
    for title, model in MODELS.items():
        command = [sys.executable, "-c", WEIGHTS, str(checkpoints / model)]
        weights = int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
        with tempfile.TemporaryDirectory() as scratch:
            document = Path(scratch) / "workflow.json"
            document.write_text(json.dumps(text_to_picture(model, 512, 1)))
            cost = graphengine("run", document, "--home", folder, "--output", scratch, "--no-cache")
        name = f"full size, {title}: peak memory"
        yield Measure(f"{name} to {weights / 1e9:.2f} GB of weights", cost.memory / weights, "ratio", 1.3)
        yield Measure(name, cost.memory / 1e9, "GB", 3.5)
        yield Measure(f"full size, {title}: processor", cost.cpu, "s")


if __name__ == "__main__":
    report(measures, Path(sys.argv[1]).resolve())
