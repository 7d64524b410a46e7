import pytest
import torch

from graphengine.api import Memory, NodeError
from graphengine.diffusion.types import Latents, Prediction


def pictures(height=64, width=80, batch=2):
    return torch.rand(batch, height, width, 3, generator=torch.Generator().manual_seed(0))


def test_a_checkpoint_is_loaded_without_its_weights(tiny, services):
    assert tiny.model.family == tiny.clip.family == tiny.vae.family == "sd1"
    assert tiny.vae.latent_format.scale == 0.18215
    with pytest.raises(NodeError, match="no file 'none' among the checkpoints"):
        services["files"].model("checkpoints", "none")


def test_a_file_of_another_kind_is_refused_by_the_input_that_names_it(call, home):
    (home / "models/checkpoints/control.safetensors").hardlink_to(home / "models/controlnet/control.safetensors")
    with pytest.raises(NodeError, match="has no denoiser in it") as caught:
        call("loaders", "CheckpointLoaderSimple", "control.safetensors")
    assert caught.value.input == "ckpt_name"


def test_a_text_becomes_one_condition(call, tiny):
    [condition] = call("text", "CLIPTextEncode", tiny.clip, "a (red:1.2) ball")
    assert condition.context.shape == (1, 77, 12) and condition.context.dtype == torch.float32
    [plain] = call("text", "CLIPTextEncode", tiny.clip, "a red ball")
    assert not torch.equal(condition.context, plain.context)


def test_an_earlier_layer_gives_other_tokens(call, tiny):
    clip = call("text", "CLIPSetLastLayer", tiny.clip, -2)
    assert clip.skip == 2
    [earlier], [last] = (call("text", "CLIPTextEncode", one, "a ball") for one in (clip, tiny.clip))
    assert not torch.equal(earlier.context, last.context)
    with pytest.raises(NodeError, match="skip of 9"):
        call("text", "CLIPTextEncode", call("text", "CLIPSetLastLayer", tiny.clip, -9), "a ball")


def test_an_embedding_is_read_from_its_folder_when_the_prompt_names_it(call, tiny):
    [named] = call("text", "CLIPTextEncode", tiny.clip, "a embedding:blue ball")
    [plain] = call("text", "CLIPTextEncode", tiny.clip, "a ball")
    assert not torch.equal(named.context, plain.context)
    with pytest.raises(NodeError, match=r"'green', which is not there") as caught:
        call("text", "CLIPTextEncode", tiny.clip, "a embedding:green ball")
    assert caught.value.input == "text"


def test_pictures_are_encoded_and_decoded_at_their_size(call, tiny, services):
    latents = call("vae", "VAEEncode", pictures(), tiny.vae)
    assert latents.samples.shape == (2, 4, 8, 10)
    with services["devices"].use(tiny.vae.part) as network, torch.no_grad():
        planes = pictures().movedim(-1, 1) * 2 - 1
        assert torch.allclose(latents.samples, network.encode(planes).mode(), atol=1e-5)
        decoded = ((network.decode(latents.samples) + 1) / 2).clamp(0, 1).movedim(1, -1)
    assert torch.allclose(call("vae", "VAEDecode", latents, tiny.vae), decoded, atol=1e-5)


def test_what_fills_no_cell_is_cut_off_both_sides(call, tiny):
    odd = call("vae", "VAEEncode", pictures(70, 82), tiny.vae)
    assert torch.allclose(odd.samples, call("vae", "VAEEncode", pictures(70, 82)[:, 3:67, 1:81], tiny.vae).samples)
    with pytest.raises(NodeError, match="7 x 70 are smaller than a latent cell"):
        call("vae", "VAEEncode", pictures(70, 7), tiny.vae)


def test_tiles_give_the_size_of_the_whole(call, tiny):
    latents = call("vae", "VAEEncode", pictures(128, 160, 1), tiny.vae)
    tiled = call("vae", "VAEDecodeTiled", latents, tiny.vae, 64, 16)
    assert tiled.shape == (1, 128, 160, 3)
    assert torch.equal(call("vae", "VAEDecodeTiled", latents, tiny.vae), call("vae", "VAEDecode", latents, tiny.vae))
    tight = call("vae", "VAEDecode", latents, tiny.vae, memory=Memory(tight=True))
    assert torch.equal(tight, call("vae", "VAEDecode", latents, tiny.vae))
    assert call("vae", "VAEEncodeTiled", pictures(128, 160, 1), tiny.vae, 64, 16).samples.shape == (1, 4, 16, 20)


def test_latents_of_another_family_are_not_decoded(call, tiny):
    with pytest.raises(NodeError, match=r"have 16 channels; .* decodes 4"):
        call("vae", "VAEDecode", Latents(torch.zeros(1, 16, 8, 8)), tiny.vae)


def test_a_hole_is_hidden_before_encoding(call, tiny):
    mask = torch.zeros(1, 64, 80)
    mask[:, 16:32, 16:32] = 1
    latents = call("vae", "VAEEncodeForInpaint", pictures(), tiny.vae, mask, 7)
    grey = pictures()
    grey[:, 16:32, 16:32] = 0.5
    assert torch.allclose(latents.samples, call("vae", "VAEEncode", grey, tiny.vae).samples)
    grown = torch.zeros(1, 64, 80)
    grown[:, 13:35, 13:35] = 1
    assert torch.equal(latents.mask, grown)


def test_an_inpainting_model_is_shown_mask_and_picture(call, inpaint):
    positive = call("text", "CLIPTextEncode", inpaint.clip, "a ball")
    mask = torch.zeros(1, 64, 80)
    mask[:, :, 40:] = 1
    one, other, latents = call(
        "vae", "InpaintModelConditioning", positive, positive, inpaint.vae, pictures(), mask, False
    )
    assert latents.mask is None and one[0].concat.shape == other[0].concat.shape == (2, 5, 8, 10)
    assert torch.equal(one[0].concat[0, 0], torch.cat([torch.zeros(8, 5), torch.ones(8, 5)], dim=1))
    soft = call("vae", "InpaintModelConditioning", positive, positive, inpaint.vae, pictures(), mask * 0.7)
    assert torch.equal(soft[0][0].concat, one[0].concat)  # to the model a hole is a hole
    assert soft[2].mask.max() == pytest.approx(0.7)  # as in ComfyUI 0.8.0: so much is to change
    hidden = pictures()
    hidden[:, :, 40:] = 0.5
    expected = call("vae", "VAEEncode", hidden, inpaint.vae).samples * 0.18215
    assert torch.allclose(one[0].concat[:, 1:], expected, atol=1e-6)


def test_a_model_is_told_how_it_was_trained(call, tiny):
    model = call("model_sampling", "ModelSamplingDiscrete", tiny.model, "v_prediction", True)
    assert model.prediction is Prediction.V
    assert model.alphas_cumprod[0] == tiny.model.alphas_cumprod[0]
    assert 0 < model.alphas_cumprod[-1] < 1e-7 and (model.alphas_cumprod.diff() < 0).all()
