import torch

from graphengine.api import Results


def test_values_are_passed_on(nodes):
    values = nodes("primitives", "values")
    assert values.PrimitiveInt(3) == 3
    assert values.PrimitiveFloat(0.5) == 0.5
    assert values.PrimitiveString("a") == "a"
    assert values.PrimitiveStringMultiline("a\nb") == "a\nb"
    assert values.PrimitiveBoolean(True) is True
    assert nodes("primitives", "flow").Reroute("x") == "x"


def test_a_switch_asks_only_for_what_it_gives(nodes):
    switch = nodes("primitives", "flow").Switch
    needs = switch.__graphengine_node__.needs
    assert needs(switch=True) == ["on_true"] and needs(switch=False) == ["on_false"]
    assert switch(True, on_true=1) == 1 and switch(False, on_false=0) == 0


def test_any_value_is_shown_as_text(nodes):
    results = Results()
    preview = nodes("primitives", "flow").PreviewAny
    for value in ("text", 3, torch.tensor([[0.0, 1.0]]), torch.zeros(0), "x" * 20_000):
        preview(value, results=results)
    *short, long = results.items["text"]
    assert short[:3] == ["text", "3", "1 x 2 torch.float32, 0 to 1, mean 0.5"]
    assert long.endswith("(20000 characters)")
