import string

import pytest

from graphengine.diffusion.text.tokenizer import END, START, CLIPTokenizer, _ids

V1, V2 = CLIPTokenizer(), CLIPTokenizer(pad=0, unescape=True)


def test_the_vocabulary_has_49406_distinct_symbols_before_start_and_end():
    assert len(_ids()) == START == 49406
    assert sorted(_ids().values()) == list(range(START))


def test_known_ids_of_a_known_prompt():
    expected = [320, 1125, 539, 550, 18376, 6765, 320, 4558, 525, 7496]
    assert V1.ids("a photo of an astronaut riding a horse on mars") == expected
    assert V2.ids("A  photo of an\nASTRONAUT riding a horse on mars ") == expected


def test_a_row_is_cut_or_padded_to_77():
    assert V1.row([1, 2]) == [START, 1, 2] + [END] * 74
    assert V2.row([1, 2]) == [START, 1, 2, END] + [0] * 73
    assert V1.row([7] * 100) == [START, *[7] * 75, END]


def test_a_literal_end_token_is_text():
    assert not {START, END} & set(V1.ids("<|startoftext|> a <|endoftext|> b"))


def test_every_byte_has_a_token():
    for text in (string.printable, "漢字かな", "🚀🧑‍🚀", "\x00\x7f", "ÅÉß"):
        assert all(0 <= token < START for token in V1.ids(text))


def test_broken_encodings_and_entities_are_repaired():
    assert V1.ids("cafÃ©") == V1.ids("café")
    assert V1.ids("“quotes” and ﬁne") == V1.ids('"quotes" and fine')
    assert V2.ids("tom &amp;amp; jerry") == V2.ids("tom & jerry")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_is_no_tokens(text):
    assert V1.ids(text) == []


@pytest.mark.parametrize("text", ["a photo of an astronaut", "don't stop 1999!", "unbelievably überlang", "漢字 🚀 ok"])
def test_the_symbols_of_a_text_say_it_again(text):
    symbols = [V1.symbol(token) for token in V1.ids(text)]
    raw = b"".join(symbol.encode().decode("unicode_escape").encode("latin-1") if "\\x" in symbol else symbol.encode()
                   for symbol in symbols)  # fmt: skip
    assert raw.decode().replace(" ", "") == text.lower().replace(" ", "")
    assert "".join(symbols).split()[-1].strip() and symbols[-1].endswith(" ")
