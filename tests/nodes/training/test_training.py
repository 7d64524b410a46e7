"""The training workflows that ship, at toy size: the whole chain, interrupted and resumed, in one and two processes."""

import pytest
import torch

from graphengine import builtin
from graphengine.api import Link, Node, Workflow
from graphengine.diffusion.picture_files import to_pil
from graphengine.diffusion.weights.read import open_weights
from graphengine.engine import Engine
from graphengine.settings import Settings

FOLDER = builtin.WORKFLOWS / "training"
TOY = {
    "new_vae": {"channels": "4, 4, 8, 8", "norm_groups": 2},
    "new_model": {"channels": "8, 8, 16, 16", "norm_groups": 4, "text_width": 16, "text_layers": 1},
    "autoencoder": {"steps": 3, "size": 64, "pictures": 6, "batch": 2, "processes": 1},
    "small": {"steps": 3, "size": 64, "pictures": 6, "batch": 2, "processes": 1},
    "large": {"steps": 2, "size": 64, "pictures": 6, "batch": 2, "processes": 1},
    "decoder": {"steps": 2, "size": 64, "pictures": 6, "batch": 2, "processes": 1},
    "edges": {
        "steps": 2, "size": 64, "pictures": 6, "batch": 2, "processes": 1, "hint_channels": "4, 4, 4, 4, 4, 4, 4",
    },
    "style": {"steps": 2, "rank": 2, "size": 64, "pictures": 6, "batch": 2, "processes": 1},
    "pictures": {"count": 2, "size": 64},
    "empty": {"width": 64, "height": 64},
    "sampler": {"steps": 2},
}  # fmt: skip


def engine_at(home):
    return Engine(Settings(home=home, device="cpu", precision="fp32", cache_seconds=0.0))


def toy(engine, name):
    workflow = engine.read(FOLDER / f"{name}.json")
    for node, values in TOY.items():
        for input, value in values.items() if node in workflow.nodes else ():
            workflow = workflow.set(f"{node}.{input}", value)
    return workflow


def weights(path):
    return {name: tensor.read().clone() for name, tensor in open_weights(path).tensors.items()}


def equal(first, second):
    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A home in which the tiny model has been trained, and the outcome."""
    home = tmp_path_factory.mktemp("trained")
    (home / "input").mkdir()
    engine = engine_at(home)
    outcome = engine.run(toy(engine, "tiny_world"))
    assert outcome.failures == []
    return home, outcome


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_the_workflows_have_no_problems_once_there_is_a_model(trained, name):
    engine = engine_at(trained[0])
    workflow = engine.read(FOLDER / f"{name}.json")
    assert engine.check(workflow).problems == []
    assert workflow.layout["nodes"].keys() == workflow.nodes.keys()
    assert any(exposed.endswith("minutes") for exposed in workflow.interface.inputs)


def test_the_chain_leaves_a_checkpoint_that_loads_curves_samples_and_a_score(trained):
    home, outcome = trained
    saved = {path.name for path in engine_at(home).saved(outcome)}
    assert saved == {"tiny_world_losses_00001_.png", "tiny_world_samples_00001_.png"}
    assert any("all right" in text for result in outcome.results.values() for text in result.get("text", ()))
    assert "workflow" in open_weights(home / "models/checkpoints/tiny_world.safetensors").metadata


def test_what_is_finished_is_not_trained_again_by_another_engine(trained):
    home, _ = trained
    logs = sorted(home.glob("training/**/log.jsonl"))
    before = [path.read_text() for path in logs]
    engine = engine_at(home)
    assert engine.run(toy(engine, "tiny_world"), ["large"]).failures == []
    assert len(logs) == 3
    assert [path.read_text() for path in logs] == before


def test_an_interrupted_training_ends_exactly_where_an_unbroken_one_does(trained, tmp_path):
    engine = engine_at(tmp_path)
    runs = []

    def stop_at_once(event):
        if event.kind == "progress" and event.node == "small":
            runs[-1].cancel()

    outcome = engine.run(toy(engine, "tiny_world"), ["small"], on_event=stop_at_once, on_start=runs.append)
    assert outcome.status == "cancelled"
    assert not (tmp_path / "training/tiny_world/small/result.safetensors").exists()
    assert engine.run(toy(engine, "tiny_world"), ["small"]).status == "done"
    result = "training/tiny_world/small/result.safetensors"
    assert len((tmp_path / result).with_name("log.jsonl").read_text().splitlines()) == 3
    assert equal(tmp_path / result, trained[0] / result)


def test_a_folder_of_another_training_is_not_touched(trained):
    engine = engine_at(trained[0])
    outcome = engine.run(toy(engine, "tiny_world").set("small.batch", 3), ["small"])
    assert outcome.failures[0].input == "name"
    assert "other batch" in outcome.failures[0].message


def test_a_control_network_and_a_lora_are_trained_on_top(trained):
    home, _ = trained
    engine = engine_at(home)
    for name, file in (("tiny_edges", "controlnet/tiny_edges"), ("tiny_outlined", "loras/tiny_outlined_lora")):
        assert engine.run(toy(engine, name)).failures == []
        assert (home / f"models/{file}.safetensors").is_file()


@pytest.mark.parametrize(("name", "file"), [
    ("tiny_world_longer", "checkpoints/tiny_world"), ("tiny_world_decoder", "checkpoints/tiny_world"),
    ("tiny_edges_longer", "controlnet/tiny_edges"),
])  # fmt: skip
def test_a_model_is_trained_on_from_where_it_is(trained, name, file):
    engine = engine_at(trained[0])
    if "edges" in name:
        engine.run(toy(engine, "tiny_edges"))
    path = trained[0] / f"models/{file}.safetensors"
    before = weights(path)
    assert engine.run(toy(engine, name)).failures == []
    after = weights(path)
    assert before.keys() == after.keys()
    changes = [float((after[name].float() - before[name].float()).abs().max()) for name in before]
    assert 0 < max(changes) < 0.2  # a new beginning would have other weights altogether


@pytest.mark.slow
def test_processes_share_the_work_and_can_be_cancelled(tmp_path):
    engine = engine_at(tmp_path)
    workflow = toy(engine, "tiny_world").set("autoencoder.processes", 2)
    runs = []

    def stop_at_once(event):
        if event.kind == "progress":
            runs[-1].cancel()

    outcome = engine.run(workflow, ["autoencoder"], on_event=stop_at_once, on_start=runs.append)
    assert outcome.status == "cancelled"
    assert engine.run(workflow, ["autoencoder"]).status == "done"
    log = tmp_path / "training/tiny_world/autoencoder/log.jsonl"
    assert len(log.read_text().splitlines()) == 3


def test_a_folder_of_captioned_pictures_is_trained_on_as_well(trained, tmp_path):
    home, _ = trained
    engine = engine_at(home)
    folder = home / "input/mine"
    folder.mkdir()
    for number in range(3):
        path = folder / f"{number}.png"
        torch.manual_seed(number)
        to_pil(torch.rand(40, 60, 3)).save(path)
        path.with_suffix(".txt").write_text(f"a picture of noise {number}")
    nodes = {
        "load": Node("CheckpointLoaderSimple", {"ckpt_name": "tiny_world.safetensors"}),
        "data": Node("FolderDataset", {"folder": "mine"}),
        "style": Node(
            "TrainLora",
            {
                **{name: Link("load", name) for name in ("model", "clip", "vae")},
                "dataset": Link("data", "dataset"), "steps": 2, "size": 64, "rank": 2,
            },
        ),
        "save": Node("SaveLora", {"lora": Link("style", "lora"), "name": "noise"}),
    }  # fmt: skip
    assert engine.run(Workflow(nodes)).failures == []
    assert (home / "models/loras/noise.safetensors").is_file()
