"""Texts as ComfyUI 0.8.0 makes them of others: each answer is its own."""

import pytest

CASES = [
    ("StringConcatenate", ("a", "b", ""), "ab"), ("StringConcatenate", ("a\n", "b", ", "), "a\n, b"),
    ("StringConcatenate", ("", "x", "-"), "-x"),
    ("StringContains", ("Hello", "hell", True), False), ("StringContains", ("Hello", "hell", False), True),
    ("StringContains", ("x", "", True), True), ("StringContains", ("STRASSE", "straße", False), False),
    ("StringContains", ("İ", "i", False), True),
    ("StringLength", ("",), 0), ("StringLength", ("aé\U0001f600",), 3), ("StringLength", ("a\nb",), 3),
    ("StringReplace", ("aXbX", "X", "yy"), "ayybyy"), ("StringReplace", ("abc", "", "-"), "-a-b-c-"),
    ("StringReplace", ("aaa", "aa", "b"), "ba"),
    ("StringSubstring", ("abcdef", 1, 3), "bc"), ("StringSubstring", ("abcdef", -3, -1), "de"),
    ("StringSubstring", ("abcdef", 4, 2), ""), ("StringSubstring", ("abcdef", 0, 100), "abcdef"),
    ("StringSubstring", ("abcdef", 0, 0), ""), ("StringSubstring", ("abc", -100, 2), "ab"),
    ("StringTrim", (" \t\n a b\xa0\n", "Both"), "a b"), ("StringTrim", (" \t\n a b\xa0\n", "Left"), "a b\xa0\n"),
    ("StringTrim", (" \t\n a b\xa0\n", "Right"), " \t\n a b"),
    ("StringCompare", ("Abc", "ab", "Starts With", False), True),
    ("StringCompare", ("Abc", "ab", "Starts With", True), False),
    ("StringCompare", ("Abc", "BC", "Ends With", False), True),
    ("StringCompare", ("Abc", "BC", "Ends With", True), False),
    ("StringCompare", ("abc", "", "Ends With", True), True), ("StringCompare", ("abc", "ABC", "Equal", False), True),
    ("StringCompare", ("abc", "ab", "Equal", False), False),
    ("CaseConverter", ("éa ß-x 3d", "UPPERCASE"), "ÉA SS-X 3D"),
    ("CaseConverter", ("hello wORLD it's", "lowercase"), "hello world it's"),
    ("CaseConverter", ("hello wORLD it's", "Capitalize"), "Hello world it's"),
    ("CaseConverter", ("hello wORLD it's", "Title Case"), "Hello World It'S"),
    ("CaseConverter", ("éa ß-x 3d", "Title Case"), "Éa Ss-X 3D"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "answer"), CASES)
def test_a_text_is_made_of_others(nodes, kind, given, answer):
    made = getattr(nodes("primitives", "strings"), kind)(*given)
    assert made == ((answer,) if isinstance(made, tuple) else answer)
