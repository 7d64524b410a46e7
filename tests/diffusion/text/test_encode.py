import torch

from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.text.encode import encode
from graphengine.diffusion.text.prompt import tokenize
from graphengine.diffusion.text.tokenizer import CLIPTokenizer

TOKENIZER = CLIPTokenizer()


def encoder():
    torch.manual_seed(0)
    return CLIPText(CLIPTextConfig(width=8, mlp_width=8, layers=2, heads=2)).requires_grad_(False)


def context_of(text, **options):
    return encode(encoder(), tokenize(text, TOKENIZER), **options)[0]


def test_an_unweighted_prompt_is_what_the_encoder_gives():
    clip, text = encoder(), "a cat on a mat"
    tokens = torch.tensor([TOKENIZER.row(TOKENIZER.ids(text))])
    states = clip(tokens)
    context, pooled = encode(clip, tokenize(text, TOKENIZER))
    assert torch.equal(context, clip.context(states))
    assert torch.equal(pooled, clip.pooled(states, tokens))
    assert torch.equal(encode(clip, tokenize(text, TOKENIZER), 2)[0], clip.context(states, 2))
    assert torch.equal(encode(clip, tokenize(text, TOKENIZER), 2, final_norm=False)[0], states[-2])


def test_a_weight_moves_a_token_away_from_the_empty_prompt():
    plain, empty, weighted = (context_of(text) for text in ("a cat sat", "", "a (cat:1.5) sat"))
    torch.testing.assert_close(weighted[:, 2], empty[:, 2] + 1.5 * (plain[:, 2] - empty[:, 2]))
    unweighted = [position for position in range(77) if position != 2]
    torch.testing.assert_close(weighted[:, unweighted], plain[:, unweighted])


def test_a_weight_of_zero_leaves_the_empty_prompt():
    torch.testing.assert_close(context_of("(cat:0)")[:, 1], context_of("")[:, 1])


def test_chunks_are_encoded_apart_and_joined_and_the_first_is_pooled():
    clip = encoder()
    context, pooled = encode(clip, tokenize("a cat BREAK a (dog:1.2)", TOKENIZER))
    first, first_pooled = encode(clip, tokenize("a cat", TOKENIZER))
    second, _ = encode(clip, tokenize("a (dog:1.2)", TOKENIZER))
    assert context.shape == (1, 154, 8)
    torch.testing.assert_close(context, torch.cat([first, second], dim=1))
    torch.testing.assert_close(pooled, first_pooled)


def test_an_embedding_of_a_tokens_own_vector_encodes_like_the_token():
    clip = encoder()
    vector = clip.text_model.embeddings.token_embedding.weight[TOKENIZER.ids("cat")].clone()
    by_name, _ = encode(clip, tokenize("a (embedding:mine:1.4) sat", TOKENIZER, {"mine": vector}))
    torch.testing.assert_close(by_name, context_of("a (cat:1.4) sat"))
