import ast
import json

import pytest

from graphengine.compat.comfyui.object_info import node_info
from graphengine.compat.comfyui.refusals import failed, node_errors, unknown_kind
from graphengine.engine import Engine
from graphengine.graph.workflow import Link, Node, Workflow
from graphengine.settings import Settings


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return Engine(Settings(home=tmp_path_factory.mktemp("home")))


def info(engine, kind):
    return node_info(engine.registry.specs[kind], lambda source: ["a.safetensors", "b.safetensors"])


def test_the_sampler_is_described_as_clients_expect_it(engine):
    found = info(engine, "KSampler")
    assert found["input_order"]["required"] == [
        "model", "seed", "steps", "cfg", "sampler_name", "scheduler", "positive", "negative", "latent_image", "denoise",
    ]  # fmt: skip
    required = found["input"]["required"]
    assert required["model"][0] == "MODEL" and required["latent_image"][0] == "LATENT"
    kind, options = required["seed"]
    assert kind == "INT" and options["default"] == 0 and options["min"] == 0 and options["max"] == 2**64 - 1
    assert options["control_after_generate"] is True
    choices, options = required["sampler_name"]
    assert {"euler", "dpmpp_2m", "uni_pc"} <= set(choices) and options["default"] == "euler"
    assert (found["output"], found["output_name"], found["output_is_list"]) == (["LATENT"], ["LATENT"], [False])
    assert (found["name"], found["python_module"], found["output_node"]) == ("KSampler", "nodes", False)


# calls as scripts of comfy-script have them, from its documentation and its users
CALLS = """
CheckpointLoaderSimple('v1-5-pruned-emaonly.ckpt')
CLIPTextEncode('text, watermark', clip)
ConditioningConcat(conditioning, conditioning)
EmptyLatentImage(512, 512, 1)
InpaintModelConditioning(conditioning, conditioning, vae, image, mask)
KSampler(model, 156680208700286, 20, 8, 'euler', 'normal', conditioning, conditioning, latent, 1)
KSamplerAdvanced(model, 'enable', 73676964823421, 20, 1, 'euler', 'simple', conditioning, conditioning, latent, 14, 20, 'disable')
KSamplerSelect('euler')
LatentUpscaleBy(latent, 'nearest-exact', 2)
LoraLoader(model, clip, 'x.safetensors', 1, 1)
SamplerCustom(model, True, 1002, 6, conditioning, conditioning, sampler, sigmas, latent)
SaveImage(image, 'ComfyUI')
SetLatentNoiseMask(latent, mask)
VAEDecode(latent, vae)
VAEEncode(image, vae)
"""  # noqa: E501


@pytest.mark.parametrize("call", CALLS.strip().splitlines())
def test_scripts_that_name_no_inputs_give_each_what_it_takes(engine, call):
    called = ast.parse(call, mode="eval").body
    inputs = iter(info(engine, called.func.id)["input"]["required"].values())
    literals = {"INT": int, "FLOAT": (int, float), "STRING": str, "BOOLEAN": bool}
    for given, (type, *_) in zip(called.args, inputs, strict=False):
        if isinstance(given, ast.Name):
            assert type == given.id.upper()
        else:
            assert isinstance(given.value, str if isinstance(type, list) else literals[type]), type


def test_files_are_choices_and_pictures_can_be_uploaded(engine):
    assert info(engine, "CheckpointLoaderSimple")["input"]["required"]["ckpt_name"][0] == [
        "a.safetensors",
        "b.safetensors",
    ]
    assert info(engine, "LoadImage")["input"]["required"]["image"][1]["image_upload"] is True
    assert info(engine, "SaveImage")["output_node"] is True


def test_texts_have_lines_and_optional_inputs_their_section(engine):
    assert info(engine, "CLIPTextEncode")["input"]["required"]["text"][1]["multiline"] is True
    assert info(engine, "Switch")["input"]["optional"]["on_true"][0] == "*"


def test_every_kind_is_json_with_the_fields_that_clients_require(engine):
    for kind, spec in engine.registry.specs.items():
        found = json.loads(json.dumps(node_info(spec, lambda source: [])))
        assert found["name"] == kind
        assert len(found["output"]) == len(found["output_name"]) == len(found["output_is_list"])
        for name in ("display_name", "description", "python_module", "category", "output_node"):
            assert name in found


def errors(engine, targets=("out",), **nodes):
    analysis = engine.check(Workflow(nodes))
    return node_errors(analysis, targets, analysis.problems, lambda source: [])


def test_problems_have_the_types_that_clients_know(engine):
    sampler = Node("KSampler", {"steps": 0, "cfg": 500.0, "sampler_name": "nobody", "seed": "x",
                                "model": Link("no", "0"), "positive": Link("load", "model")})  # fmt: skip
    load = Node("CheckpointLoaderSimple", {"ckpt_name": "tiny_world.safetensors"})
    found = errors(engine, out=sampler, load=load)["out"]
    assert found["class_type"] == "KSampler" and found["dependent_outputs"] == ["out"]
    by_input = {error["extra_info"]["input_name"]: error for error in found["errors"]}
    assert {name: error["type"] for name, error in by_input.items()} == {
        "steps": "value_smaller_than_min",
        "cfg": "value_bigger_than_max",
        "sampler_name": "value_not_in_list",
        "seed": "invalid_input_type",
        "model": "bad_linked_input",
        "positive": "return_type_mismatch",
        "negative": "required_input_missing",
        "latent_image": "required_input_missing",
    }
    assert by_input["steps"]["message"] == "Value 0 smaller than min of 1"
    assert by_input["steps"]["extra_info"]["received_value"] == 0
    assert by_input["positive"]["details"] == "positive, received_type(MODEL) mismatch input_type(CONDITIONING)"
    assert by_input["latent_image"]["message"] == "Required input is missing"


def test_a_node_of_an_unknown_kind_is_told_with_near_names(engine):
    analysis = engine.check(Workflow({"7": Node("KSampeler")}))
    error = unknown_kind(analysis)["error"]
    assert error["type"] == "invalid_prompt" and "#7" in error["details"] and "KSampler" in error["extra_info"]["cure"]
    assert unknown_kind(engine.check(Workflow())) is None


def test_a_refused_graph_says_why_at_the_top(engine):
    analysis = engine.check(Workflow({"9": Node("SaveImage", {})}))
    answer = failed(analysis, ["9"], analysis.problems, lambda source: [])
    assert answer["error"]["type"] == "prompt_outputs_failed_validation"
    assert answer["error"]["details"] == "Required input is missing: images"
    ring = engine.check(
        Workflow(
            {"a": Node("SaveImage", {"images": Link("b", "0")}), "b": Node("ImageInvert", {"image": Link("b", "0")})}
        )
    )
    assert "circle" in json.dumps(failed(ring, ["a"], ring.problems, lambda source: []))
