import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphengine.diffusion.text.prompt import Segment, segments, tokenize
from graphengine.diffusion.text.tokenizer import END, START, CLIPTokenizer

TOKENIZER = CLIPTokenizer()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (cat) sat", [("a ", 1.0), ("cat", 1.1), (" sat", 1.0)]),
        ("((cat))", [("cat", 1.21)]),
        ("(cat:1.5)", [("cat", 1.5)]),
        ("(a (cat) sat:2)", [("a ", 2.0), ("cat", 2.2), (" sat", 2.0)]),
        ("((cat:0.5) sat)", [("cat", 0.5), (" sat", 1.1)]),
        ("(cat : -0.5 )", [("cat ", -0.5)]),
        ("(time 12:30:1.2)", [("time 12:30", 1.2)]),
        ("(cat:grey)", [("cat:grey", 1.1)]),
        ("(:1.2)", [(":1.2", 1.1)]),
        ("cat:1.2", [("cat:1.2", 1.0)]),
        (r"\(cat\:1.2) (a \(b\):3)", [(r"(cat\:1.2) ", 1.0), ("a (b)", 3.0)]),
        ("(open", [("(open", 1.0)]),
        ("( (cat)", [("( ", 1.0), ("cat", 1.1)]),
        ("close) :)", [("close) :)", 1.0)]),
        ("[cat]", [("[cat]", 1.0)]),
        ("()", []),
    ],
)
def test_weights_are_read_as_users_of_comfyui_write_them(text, expected):
    read = segments(text)
    assert [segment.text for segment in read] == [text for text, _ in expected]
    assert [segment.weight for segment in read] == pytest.approx([weight for _, weight in expected])


@given(st.text(alphabet="ab ().:12\\-", max_size=40))
def test_any_text_can_be_read_and_no_letter_is_lost(text):
    read = segments(text)
    letters = [character for character in text if character in "ab"]
    assert [character for segment in read for character in segment.text if character in "ab"] == letters


@given(st.text(alphabet="ab .:12\\-", max_size=40))
def test_text_without_brackets_is_itself(text):
    assert segments(text) == ([Segment(text, 1.0)] if text else [])


def test_thousands_of_nested_brackets_do_no_harm():
    assert segments("(" * 5000 + "a" + ":1)" * 5000)[0].text == "a"


def ids(chunk):
    return [value for value, _ in chunk]


def body(chunk):
    return ids(chunk)[1 : ids(chunk).index(END)]


def test_the_tokens_of_a_plain_prompt_are_the_tokenizers():
    text = "a photo of an astronaut, riding a horse; on mars!"
    (chunk,) = tokenize(text, TOKENIZER).chunks
    assert ids(chunk) == TOKENIZER.row(TOKENIZER.ids(text))
    assert {weight for _, weight in chunk} == {1.0}


def test_an_empty_prompt_is_one_empty_chunk():
    for tokenizer in (TOKENIZER, CLIPTokenizer(pad=0)):
        prompt = tokenize("", tokenizer)
        assert prompt.chunks == (prompt.empty,)
        assert ids(prompt.empty) == tokenizer.row([])


def test_weights_follow_their_words():
    (chunk,) = tokenize("cat (dog:1.5) (bird)", TOKENIZER).chunks
    assert [weight for _, weight in chunk[:5]] == pytest.approx([1.0, 1.0, 1.5, 1.1, 1.0])


def test_a_long_prompt_takes_several_chunks_of_75():
    first, second = tokenize("cat " * 100, TOKENIZER).chunks
    assert len(first) == len(second) == 77
    assert len(body(first)) == 75
    assert len(body(second)) == 25
    assert ids(second)[0] == START


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("cat " * 74 + "word12", 75),
        ("cat " * 74 + "unhappyishly", 75),
        ("x, " * 38, 75),
        ("cat " * 74 + "(word12)", 74),
        ("cat " * 74 + "(word12:1.0)", 74),
        ("cat " * 73 + "(a b c d:1.0)", 73),
        ("cat " * 73 + "(a b c d e f g:1.0)", 73),
        ("cat " * 73 + "(a b c d e f g h:1.0)", 75),
        ("cat " * 73 + "embedding:three", 73),
        ("cat " * 71 + "embedding:three a b", 74),
        ("cat " * 70 + "(c d embedding:three a b:1.0)", 75),
        ("cat " * 71 + "(c d embedding:three a b:1.0)", 73),
        ("cat " * 72 + "(c embedding:three a b:1.0)", 73),
    ],
)
def test_a_short_stretch_of_one_weight_moves_whole_to_the_next_chunk_and_a_long_one_is_split(text, length):
    """Computed by ComfyUI 0.8.0: of all places to split, only there does its encoded text come out."""
    chunks = tokenize(text, TOKENIZER, {"three": torch.zeros(3, 2)}).chunks
    values = [[-1 if isinstance(value, torch.Tensor) else value for value in ids(chunk)] for chunk in chunks]
    first, second = (row[1 : row.index(END)] for row in values)
    assert len(first) == length
    pieces = re.sub(r":1\.0\)|[()]", "", text).split("embedding:three")
    assert [*first, *second] == [token for piece in pieces for token in (*TOKENIZER.ids(piece), -1, -1, -1)][:-3]


def test_a_long_word_is_split():
    word = "x1" * 40
    split = tokenize("cat " * 74 + word, TOKENIZER).chunks
    assert [len(body(chunk)) for chunk in split] == [75, 75, 4]
    assert [token for chunk in split for token in body(chunk)][74:] == TOKENIZER.ids(word)


def test_a_weight_may_have_an_exponent():
    assert [(part.text, part.weight) for part in segments("(a:1e1) (b:.5E-1)")] == [
        ("a", 10.0),
        (" ", 1.0),
        ("b", 0.05),
    ]


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("cat BREAK dog dog", [1, 2]),
        ("BREAK cat", [0, 1]),
        ("cat BREAK BREAK dog", [1, 0, 1]),
        ("cat BREAK", [1]),
        ("(cat BREAK dog:1.3)", [1, 1]),
        ("break BREAKfast", [2]),
    ],
)
def test_break_ends_a_chunk(text, lengths):
    assert [len(body(chunk)) for chunk in tokenize(text, TOKENIZER).chunks] == lengths


EMBEDDINGS = {"style": torch.arange(6.0).view(2, 3), "v1.5": torch.ones(1, 3)}


@pytest.mark.parametrize("written", ["embedding:style", "embedding:Style.pt", "(embedding:style:1.0)"])
def test_an_embedding_takes_a_position_for_each_vector(written):
    (chunk,) = tokenize(f"cat {written}, dog", TOKENIZER, EMBEDDINGS).chunks
    vectors = torch.stack([value for value, _ in chunk if isinstance(value, torch.Tensor)])
    assert torch.equal(vectors, EMBEDDINGS["style"])
    tokens = [value for value, _ in chunk if not isinstance(value, torch.Tensor)]
    assert tokens[: tokens.index(END)] == [START, *TOKENIZER.ids("cat, dog")]


def test_punctuation_after_an_embedding_is_text_and_dots_may_belong_to_its_name():
    (chunk,) = tokenize("embedding:v1.5. cat", TOKENIZER, EMBEDDINGS).chunks
    assert torch.equal(chunk[1][0], EMBEDDINGS["v1.5"][0])
    assert [value for value, _ in chunk[2:4]] == TOKENIZER.ids(". cat")


def test_an_unknown_embedding_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"names the embedding 'nope', which is not there; there are: style, v1\.5"):
        tokenize("cat embedding:nope, dog", TOKENIZER, EMBEDDINGS)


def test_tokens_are_told_chunk_for_chunk_with_their_weights_and_without_padding():
    prompt = tokenize("a (red:1.5) cat BREAK embedding:style", TOKENIZER, {"style": torch.zeros(2, 4)})
    first = (("a ", 1.0), ("red ", 1.5), ("cat ", 1.0))
    assert prompt.tokens(TOKENIZER) == (first, (("[vector] ", 1.0),) * 2)
    assert tokenize("", TOKENIZER).tokens(TOKENIZER) == ((),)
