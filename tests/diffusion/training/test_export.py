import torch

from graphengine.diffusion.adapters.lora import read_lora, with_lora
from graphengine.diffusion.text.tokenizer import CLIPTokenizer
from graphengine.diffusion.training.control import ControlTraining, control_copy
from graphengine.diffusion.training.export import export, export_lora, rewrite
from graphengine.diffusion.training.lora import add_low_rank
from graphengine.diffusion.weights.load import load_checkpoint, load_controlnet
from graphengine.diffusion.weights.read import open_weights

HINTS = (4, 4, 4, 4, 4, 4, 8)


def built(part):
    module = part.build()
    module.load_state_dict({name: stored.read().float() for name, stored in part.weights.items()})
    return module.eval()


def randomized(module):
    """Also where layers start at zero, for nothing would show there."""
    generator = torch.Generator().manual_seed(5)
    for parameter in module.parameters():
        parameter.data.copy_(0.2 * torch.randn(parameter.shape, generator=generator)).copy_(parameter.half())
    return module


def inputs():
    generator = torch.Generator().manual_seed(3)
    return torch.randn(1, 4, 8, 8, generator=generator), torch.tensor([500])


@torch.no_grad()
def test_an_exported_checkpoint_loads_as_stable_diffusion_1_and_computes_the_same(model, autoencoder, tmp_path):
    randomized(model)
    path = tmp_path / "model.safetensors"
    export(path, model.unet, model.text, autoencoder, metadata={"notes": "none"}, dtype=torch.float16)
    loaded = load_checkpoint(path)
    x, t = inputs()
    context = model.context(["a red star, unheard of"])
    torch.testing.assert_close(built(loaded.model.part)(x, t, context), model.unet(x, t, context), atol=1e-4, rtol=1e-4)
    text, tokenizer = built(loaded.text_encoder.part), CLIPTokenizer()
    tokens = torch.tensor([tokenizer.row(tokenizer.ids("a red star, unheard of"))])
    torch.testing.assert_close(text.context(text(tokens)), context, atol=1e-4, rtol=1e-4)
    latents = torch.randn(1, 4, 2, 2)
    decoded = built(loaded.autoencoder.part).decode(latents)
    torch.testing.assert_close(decoded, autoencoder.decode(latents), atol=2e-2, rtol=0)
    assert open_weights(path).metadata["notes"] == "none"


@torch.no_grad()
def test_an_exported_control_network_loads_and_computes_the_same(model, tmp_path):
    control = randomized(control_copy(ControlTraining(hint_channels=HINTS), model.unet))
    part = load_controlnet(export(tmp_path / "control.safetensors", control)).part
    x, t = inputs()
    context, hint = model.context(["a star"]), torch.rand(1, 3, 64, 64)
    ours, theirs = control(x, t, context, hint), built(part)(x, t, context, hint)
    for one, other in zip([*ours.skips, ours.middle], [*theirs.skips, theirs.middle], strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)


@torch.no_grad()
def test_an_exported_lora_changes_the_weights_as_training_did(model, autoencoder, tmp_path):
    randomized(model)
    checkpoint = load_checkpoint(export(tmp_path / "model.safetensors", model.unet, model.text, autoencoder))
    layers = add_low_rank(model.unet, rank=2)
    for layer in layers.values():
        layer.lora_up.normal_(std=0.05, generator=torch.Generator().manual_seed(1))
    halves = {name: (layer.lora_down, layer.lora_up) for name, layer in layers.items()}
    whole = export_lora(tmp_path / "whole.safetensors", model.unet, halves)
    path = rewrite(whole, tmp_path / "lora.safetensors", {"notes": "outlined"}, torch.float16)
    lora = read_lora(path)
    assert open_weights(path).metadata.items() >= {"ss_network_dim": "2", "notes": "outlined"}.items()
    assert lora.unused(checkpoint.model.part) == ()
    patched, _ = with_lora(checkpoint.model, checkpoint.text_encoder, lora, 1.0, 1.0)
    patch = patched.part.patches[0]
    assert len(patch.names()) == len(layers)
    for name in layers:
        weight = patched.part.weights[f"{name}.weight"].read().float()
        trained = model.unet.get_submodule(name).weight
        torch.testing.assert_close(patch.apply(f"{name}.weight", weight), trained, atol=2e-3, rtol=0)
