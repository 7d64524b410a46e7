"""Every workflow that ships is without problems and runs on the embedded models; and these do what they are for."""

import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from graphengine import builtin
from graphengine.engine import Engine
from graphengine.graph.order import ancestors
from graphengine.graph.workflow import Link, Node, Workflow
from graphengine.settings import Settings

SHIPPED = sorted(builtin.WORKFLOWS.glob("*.json"))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return Engine(Settings(home=tmp_path_factory.mktemp("home"), device="cpu"))


@pytest.mark.parametrize("path", sorted(builtin.WORKFLOWS.rglob("*.json")), ids=lambda path: path.stem)
def test_a_shipped_workflow_has_no_problems(engine, path):
    assert list(engine.check(engine.read(path)).problems) == []


def quickened(workflow):
    """The same with two steps of sampling, and one picture to judge."""
    for id, node in workflow.nodes.items():
        if node.kind == "KSampler":
            workflow = workflow.with_node(id, node.with_input("steps", 2))
        if node.kind == "WorldPictures":
            workflow = workflow.with_node(id, node.with_input("count", 1))
    return workflow


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_workflow_runs_and_its_pictures_carry_it(engine, path):
    workflow = quickened(engine.read(path))
    outcome = engine.run(workflow)
    assert outcome.failures == []
    saved = engine.saved(outcome)
    assert saved
    for file in saved:
        with Image.open(file) as picture:
            picture.verify()
        assert engine.read(file).nodes == workflow.nodes


def test_pictures_show_what_their_captions_say(engine):
    workflow = engine.read(builtin.WORKFLOWS / "judge.json").set("judged", 16)
    outcome = engine.run(workflow, targets=["score"])
    table, all_right = outcome.values["score"]
    assert all_right >= 0.9, table


@pytest.mark.slow
def test_the_control_network_makes_pictures_follow_edges(engine):
    trained = engine.read(builtin.WORKFLOWS / "training/tiny_edges.json").set("judged", 12)
    loader = engine.read(builtin.WORKFLOWS / "controlnet.json").nodes["control_net"]
    needed = ancestors(trained.nodes, ["follow"]) - {"world", "settings"}
    judge = Workflow({id: trained.nodes[id] for id in needed}).with_node("edges", loader)
    free = judge.set("steer.strength", 0.0)
    followed, ignored = (engine.run(w, targets=["follow"]).values["follow"][1] for w in (judge, free))
    assert followed > 0.75 > 0.3 > ignored


@pytest.mark.slow
def test_the_style_outlines_things_and_leaves_them_alone_at_strength_0(engine):
    judge = engine.read(builtin.WORKFLOWS / "judge.json").set("judged", 8)
    styled = engine.read(builtin.WORKFLOWS / "lora.json")
    lora = styled.nodes["lora"]
    ink = engine.read(builtin.WORKFLOWS / "training/tiny_outlined.json").nodes
    name = next(id for id, node in ink.items() if node.kind == "ScoreOutlines")
    found = []
    for strength in (0.0, 1.0):
        w = judge.with_node("lora", lora.with_input("strength_model", strength).with_input("strength_clip", strength))
        w = w.with_node("sampler", w.nodes["sampler"].with_input("model", Link("lora", "model")))
        for id in ("positive", "negative"):
            w = w.with_node(id, w.nodes[id].with_input("clip", Link("lora", "clip")))
        w = w.with_node("ink", ink[name].with_input("image", judge.nodes["score"].inputs["image"]))
        found.append(engine.run(w, targets=["ink"]).values["ink"][1])
    assert found[1] > found[0] + 0.3


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    pictures = []
    for folder in ("one", "other"):
        engine = Engine(Settings(home=tmp_path / folder, device="cpu"))
        workflow = quickened(engine.read(builtin.WORKFLOWS / "text_to_image.json"))
        [file] = engine.saved(engine.run(workflow))
        pictures.append(file.read_bytes())
    assert pictures[0] == pictures[1]


def test_a_model_and_its_text_encoder_in_files_of_their_own_are_of_one_family(tmp_path):
    weights = load_file(builtin.MODELS / "checkpoints/tiny_world.safetensors")
    parts = {"diffusion_models": "model.diffusion_model.", "text_encoders": "cond_stage_model.transformer."}
    for folder, prefix in parts.items():
        (tmp_path / "models" / folder).mkdir(parents=True)
        own = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
        save_file(own, tmp_path / "models" / folder / "part.safetensors")
    nodes = {
        "model": Node("UNETLoader", {"unet_name": "part.safetensors"}),
        "clip": Node("CLIPLoader", {"clip_name": "part.safetensors"}),
        "text": Node("CLIPTextEncode", {"clip": Link("clip", "clip"), "text": "a red circle"}),
        "empty": Node("EmptyLatentImage", {"width": 64, "height": 64}),
        "sampler": Node("KSampler", {
            "model": Link("model", "model"), "positive": Link("text", "conditioning"),
            "negative": Link("text", "conditioning"), "latent_image": Link("empty", "latent"),
        }),
    }  # fmt: skip
    engine = Engine(Settings(home=tmp_path))
    analysis = engine.check(Workflow(nodes))
    assert [problem.code for problem in analysis.problems] == []
    facts = engine.infer(Workflow(nodes), analysis)
    assert facts["model"]["model"].family == "sd1" and facts["sampler"]["latent"].size == (64, 64)
