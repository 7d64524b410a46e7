from dataclasses import replace

import pytest
import torch

from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.types import Residuals

SMALL = UNetConfig(channels=(8, 12, 12), depths=(1, 1, 0), res_blocks=1, context_width=6, heads=2, norm_groups=4)
CONFIGS = {
    "convolutional projections": SMALL,
    "linear projections": replace(SMALL, linear_projections=True, heads=None, head_width=4),
    "a vector": replace(SMALL, vector_width=10, depths=(0, 2, 3), middle_depth=3),
    "classes": replace(SMALL, classes=5, cross_only=(0, 1), in_channels=7),
    "more blocks": replace(SMALL, res_blocks=3, out_channels=8, channels=(8, 16), depths=(1, 0)),
}


def network(config=SMALL):
    torch.manual_seed(0)
    unet = UNet(config)
    for parameter in unet.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return unet.requires_grad_(False)


def inputs(height=8, width=8):
    torch.manual_seed(1)
    return torch.randn(2, 4, height, width), torch.tensor([3.0, 700.5]), torch.randn(2, 5, 6)


def shapes_of(module):
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_every_size_is_read_back_from_the_shapes(config):
    with torch.device("meta"):
        shapes = shapes_of(UNet(config))
    read = UNetConfig.from_shapes(shapes, {}, heads=config.heads, head_width=config.head_width, norm_groups=4)
    assert read == config


def test_metadata_replaces_the_familys_rule():
    shapes = shapes_of(UNet(SMALL))
    read = UNetConfig.from_shapes(shapes, {"heads": "2", "norm_groups": "4"}, head_width=64)
    assert read == SMALL


def test_a_unet_without_a_rule_for_heads_is_an_error_that_says_how_to_give_one():
    with pytest.raises(ValueError, match="write 'heads' into the file's metadata"):
        UNetConfig.from_shapes(shapes_of(UNet(SMALL)), {})


def test_stable_diffusion_1_has_its_names_and_number_of_parameters():
    with torch.device("meta"):
        unet = UNet(UNetConfig())
    assert sum(parameter.numel() for parameter in unet.parameters()) == 859_520_964
    names = unet.state_dict().keys()
    assert len(names) == 686
    assert {"output_blocks.2.1.conv.weight", "output_blocks.5.2.conv.weight", "input_blocks.3.0.op.bias"} <= names
    assert "input_blocks.1.1.transformer_blocks.0.ff.net.0.proj.weight" in names


def test_a_network_built_on_the_meta_device_is_completed_by_its_weights():
    weights, (x, timestep, context) = network().state_dict(), inputs()
    with torch.device("meta"):
        unet = UNet(SMALL)
    unet.load_state_dict(weights, assign=True)
    unet.requires_grad_(False)
    assert torch.equal(unet(x, timestep, context), network()(x, timestep, context))


@pytest.mark.parametrize("size", [(5, 7), (1, 1), (9, 6)])
def test_latents_of_any_size_keep_it(size):
    x, timestep, context = inputs(*size)
    prediction = network()(x, timestep, context)
    assert prediction.shape == x.shape
    assert prediction.isfinite().all()


def test_the_rows_of_a_batch_do_not_mix():
    unet, (x, timestep, context) = network(), inputs()
    together = unet(x, timestep, context)
    alone = unet(x[1:], timestep[1:], context[1:])
    torch.testing.assert_close(together[1:], alone)


def test_no_residuals_and_residuals_of_none_change_nothing():
    unet, (x, timestep, context) = network(), inputs()
    plain = unet(x, timestep, context)
    nothing = Residuals(skips=[None] * 6, inputs=[None] * 6)
    assert torch.equal(unet(x, timestep, context, residuals=nothing), plain)


def test_an_input_residual_reaches_the_skip_and_the_blocks_after_it():
    unet, (x, timestep, context) = network(), inputs()
    torch.manual_seed(2)
    added = torch.randn(2, 8, 8, 8)
    by_residual = unet(x, timestep, context, residuals=Residuals(inputs=[added]))
    stem = unet.input_blocks[0][0]
    stem.register_forward_hook(lambda module, given, output: output + added)
    torch.testing.assert_close(by_residual, unet(x, timestep, context))


def test_a_skip_residual_is_the_same_as_changing_what_the_output_block_concatenates():
    unet, (x, timestep, context) = network(), inputs()
    torch.manual_seed(2)
    added = torch.randn(2, 12, 4, 4)  # of input_blocks.3, which output_blocks.2 takes
    skips = [None, None, None, added, None, None]
    by_residual = unet(x, timestep, context, residuals=Residuals(skips=skips))
    width = unet.output_blocks[2][0].in_layers[0].num_channels - 12

    def widen(module, given):
        joined, *rest = given
        return torch.cat([joined[:, :width], joined[:, width:] + added], dim=1), *rest

    unet.output_blocks[2].register_forward_pre_hook(widen)
    torch.testing.assert_close(by_residual, unet(x, timestep, context))


def test_residuals_of_another_family_are_an_error():
    unet, (x, timestep, context) = network(), inputs()
    with pytest.raises(ValueError, match="12 control residuals for 6 skip connections"):
        unet(x, timestep, context, residuals=Residuals(skips=[None] * 12))


def test_hooks_reach_every_attention_layer_by_its_name_in_the_network():
    seen = []

    class Watch:
        def context(self, layer, context):
            seen.append(layer)
            return context, context

        def output(self, layer, queries, values, attended):
            return attended

    unet, (x, timestep, context) = network(), inputs()
    plain = unet(x, timestep, context)
    assert torch.equal(unet(x, timestep, context, hooks=[Watch()]), plain)
    expected = {name for name, _ in unet.named_modules() if name.endswith(("attn1", "attn2"))}
    assert "input_blocks.1.1.transformer_blocks.0.attn2" in expected
    assert set(seen) == expected


def test_a_vector_that_the_network_needs_is_not_left_out():
    config = CONFIGS["a vector"]
    x, timestep, context = inputs()
    with pytest.raises(ValueError, match="a vector of width 10"):
        network(config)(x, timestep, context)
    assert network(config)(x, timestep, context, vector=torch.randn(2, 10)).shape == x.shape


def test_class_numbers_change_the_prediction():
    unet = network(CONFIGS["classes"])
    _, timestep, context = inputs()
    x = torch.randn(2, 7, 8, 8)
    first, second = (unet(x, timestep, context, vector=torch.tensor(classes)) for classes in ([0, 1], [2, 1]))
    assert not torch.allclose(first[0], second[0])
    assert torch.equal(first[1], second[1])


def test_half_precision_weights_answer_in_the_dtype_of_the_latents():
    unet, (x, timestep, context) = network(), inputs()
    expected = unet(x, timestep, context)
    prediction = unet.bfloat16()(x, timestep, context)
    assert prediction.dtype == torch.float32
    assert (prediction - expected).norm() < 0.05 * expected.norm()
