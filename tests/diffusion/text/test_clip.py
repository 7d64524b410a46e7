import pytest
import torch
from torch import nn

from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig

SMALL = CLIPTextConfig(vocabulary=20, positions=9, width=8, mlp_width=12, layers=3, heads=2)


def encoder(config=SMALL):
    torch.manual_seed(0)
    return CLIPText(config).requires_grad_(False)


def shapes_of(module):
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def test_every_size_is_read_back_from_the_shapes():
    projected = CLIPTextConfig(20, 9, 128, 16, 1, heads=2, activation="gelu", projection=5)
    assert CLIPTextConfig.from_shapes(shapes_of(encoder()), {}, heads=2) == SMALL
    assert CLIPTextConfig.from_shapes(shapes_of(encoder()), {"heads": "2"}, heads=4) == SMALL
    assert CLIPTextConfig.from_shapes(shapes_of(encoder(projected)), {}, activation="gelu") == projected


def test_stable_diffusion_1_has_its_names_and_number_of_parameters():
    with torch.device("meta"):
        module = CLIPText(CLIPTextConfig())
    assert sum(parameter.numel() for parameter in module.parameters()) == 123_060_480
    assert "text_model.encoder.layers.11.self_attn.out_proj.bias" in module.state_dict()


def test_a_layer_is_torchs_own_transformer_layer():
    config = CLIPTextConfig(20, 9, 8, 12, 1, heads=2, activation="gelu")
    ours = encoder(config)
    reference = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    layer = ours.text_model.encoder.layers[0]
    packed = [getattr(layer.self_attn, f"{name}_proj") for name in "qkv"]
    reference.load_state_dict(
        {
            "self_attn.in_proj_weight": torch.cat([linear.weight for linear in packed]),
            "self_attn.in_proj_bias": torch.cat([linear.bias for linear in packed]),
            **{f"self_attn.out_proj.{name}": value for name, value in layer.self_attn.out_proj.state_dict().items()},
            **{f"linear1.{name}": value for name, value in layer.mlp.fc1.state_dict().items()},
            **{f"linear2.{name}": value for name, value in layer.mlp.fc2.state_dict().items()},
            **{f"norm1.{name}": value for name, value in layer.layer_norm1.state_dict().items()},
            **{f"norm2.{name}": value for name, value in layer.layer_norm2.state_dict().items()},
        }
    )
    before, after = ours(torch.randint(0, 20, (2, 9)))
    mask = torch.ones(9, 9, dtype=torch.bool).triu(1)
    torch.testing.assert_close(after, reference(before, src_mask=mask))


def test_a_token_does_not_see_the_ones_after_it():
    tokens = torch.tensor([[1, 2, 3, 4, 5, 6]])
    changed = tokens.clone()
    changed[0, 4] = 9
    first, second = encoder()(tokens)[-1], encoder()(changed)[-1]
    torch.testing.assert_close(first[:, :4], second[:, :4])
    assert not torch.allclose(first[:, 4], second[:, 4])


def test_skip_counts_layers_from_the_end_and_the_norm_follows():
    module, tokens = encoder(), torch.tensor([[1, 2, 19]])
    states = module(tokens)
    assert len(states) == 4
    torch.testing.assert_close(module.context(states, 2), module.text_model.final_layer_norm(states[-2]))
    with pytest.raises(ValueError, match="a skip of 5 in an encoder of 3 layers"):
        module.context(states, 5)


def test_the_pooled_vector_is_taken_at_the_first_end_token():
    module = encoder()
    tokens = torch.tensor([[18, 3, 19, 19, 19], [18, 3, 4, 5, 19]])
    states = module(tokens)
    normed = module.context(states)
    torch.testing.assert_close(module.pooled(states, tokens), torch.stack([normed[0, 2], normed[1, 4]]))


def test_replaced_embeddings_act_like_tokens_with_those_vectors():
    module = encoder()
    table = module.text_model.embeddings.token_embedding.weight
    tokens, blanked = torch.tensor([[1, 2, 3], [4, 5, 6]]), torch.tensor([[1, 0, 0], [0, 5, 6]])
    replaced = module(blanked, [(0, 1, table[2:4].clone()), (1, 0, table[4:5].clone())])
    torch.testing.assert_close(replaced, module(tokens))


def test_a_vector_of_another_width_and_too_many_tokens_are_errors():
    with pytest.raises(ValueError, match="of width 6 in a text encoder of width 8"):
        encoder()(torch.tensor([[1, 0]]), [(0, 1, torch.zeros(1, 6))])
    with pytest.raises(ValueError, match="10 tokens for 9 positions"):
        encoder()(torch.zeros(1, 10, dtype=torch.long))
