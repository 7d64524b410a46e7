"""Add and wire (users.md 3.1: 8 to 15)."""

import pytest

from tests.web.surface.hands import link


def test_a_wire_that_is_drawn_from_a_node_that_goes_is_given_up(hands):
    hands.page.locator('.node[data-id="decode"] .row-output .socket').click()
    assert hands.page.locator(".wire-drawn").count() == 1
    hands.page.evaluate(
        "const {decode, ...rest} = store.get().nodes; store.edit('gone', (now) => ({...now, nodes: rest}))"
    )
    assert hands.page.locator(".wire-drawn").count() == 0
    hands.page.mouse.move(500, 400)
    hands.page.mouse.move(520, 420)


def test_dragging_from_an_output_to_an_input_connects_in_one_step(hands):
    hands.wire(("decode", "output", "image"), ("invert", "input", "image"))
    assert hands.source("invert", "image") == "decode.image"
    assert hands.steps() == 1
    hands.undo()
    assert hands.source("invert", "image") is None


def test_dragging_from_a_free_input_to_an_output_connects_too(hands):
    hands.wire(("invert", "input", "image"), ("decode", "output", "image"))
    assert hands.source("invert", "image") == "decode.image"


def test_a_wire_dropped_on_nothing_searches_there_and_what_is_chosen_is_connected(hands):
    hands.drag(hands.port("decode", "output", "image"), hands.empty())
    ((_, where),) = hands.calls("search")
    assert (where["from"]["node"], where["from"]["port"], where["from"]["type"]) == ("decode", "image", "IMAGE")
    assert (where["at"]["clientX"], where["at"]["clientY"]) == hands.empty()
    id = hands.page.evaluate("where => surface.add('VAEEncode', where)", where)
    assert hands.source(id, "pixels") == "decode.image"
    assert hands.selected() == {id}
    assert hands.steps() == 1


def test_double_click_and_tab_search(hands):
    hands.mouse.dblclick(*hands.empty())
    hands.keyboard.press("Tab")
    assert len(hands.calls("search")) == 2
    assert "from" not in hands.calls("search")[0][1]


def test_while_a_wire_is_drawn_sockets_that_do_not_fit_are_dimmed_and_disabled(hands):
    hands.drag(hands.port("decode", "output", "image"), hands.empty(), release=False)
    assert hands.socket("invert", "input", "image").get_attribute("aria-disabled") is None
    assert hands.socket("sampler", "input", "model").get_attribute("aria-disabled") == "true"
    assert hands.socket("empty", "output", "latent").get_attribute("aria-disabled") == "true"
    assert hands.node("checkpoint").get_attribute("data-dim") is not None
    hands.keyboard.press("Escape")
    assert hands.page.locator("[aria-disabled]").count() == 0
    hands.mouse.up()
    assert hands.steps() == 0 and hands.calls("search") == []


def test_what_does_not_fit_is_told_in_words_and_a_button_inserts_the_converter(hands):
    hands.drag(hands.port("invert", "output", "image"), hands.port("sampler", "input", "latent_image"))
    assert "IMAGE does not fit LATENT – add VAE Encode?" in hands.notice()
    hands.page.get_by_role("button", name="Add VAE Encode").click()
    assert hands.source("vae_encode", "pixels") == "invert.image"
    assert hands.source("vae_encode", "vae") == "checkpoint.vae"
    assert hands.source("sampler", "latent_image") == "vae_encode.latent"
    assert hands.steps() == 1


def test_released_on_a_body_a_wire_goes_to_the_first_free_input_that_fits(hands):
    hands.put("mix", {"kind": "Mix"}, [1400, 520])
    hands.keyboard.press("Home")
    for input in ("one", "other"):
        hands.drag(hands.port("decode", "output", "image"), hands.at(hands.node("mix"), 0.6, 0.8))
        assert hands.source("mix", input) == "decode.image"


def test_released_on_a_folded_node_a_wire_goes_to_what_fits(hands):
    hands.put("encode", {"kind": "VAEEncode"}, [1400, 520])
    hands.select("encode")
    hands.keyboard.press("h")
    hands.drag(hands.port("checkpoint", "output", "vae"), hands.at(hands.node("encode"), 0.05))
    assert hands.source("encode", "vae") == "checkpoint.vae"


def test_a_node_dropped_on_a_wire_goes_into_it(hands):
    start, (x, y) = hands.head("invert"), hands.port("decode", "output", "image")
    end = hands.port("save", "input", "images")
    hands.drag(start, ((x + end[0]) / 2, (y + end[1]) / 2))
    assert hands.source("invert", "image") == "decode.image"
    assert hands.source("save", "images") == "invert.image"
    assert hands.steps() == 1
    hands.undo()
    assert hands.source("save", "images") == "decode.image"


def test_a_node_that_does_not_fit_is_only_moved(hands):
    hands.put("other", {"kind": "EmptyLatentImage"}, [1400, 520])
    before = hands.source("save", "images")
    x, y = hands.port("decode", "output", "image")
    hands.drag(hands.head("other"), (x + 50, y))
    assert hands.source("save", "images") == before


def test_the_end_of_a_wire_is_dragged_away_or_to_another_input(hands):
    hands.drag(hands.port("sampler", "input", "positive"), hands.port("sampler", "input", "negative"))
    assert hands.source("sampler", "positive") is None
    assert hands.source("sampler", "negative") == "positive.conditioning"
    hands.drag(hands.port("sampler", "input", "negative"), hands.empty())
    assert hands.source("sampler", "negative") is None
    assert hands.calls("search") == []


def test_shift_dragging_an_output_moves_all_its_wires(hands):
    hands.put("more", {"kind": "CheckpointLoaderSimple"}, [40, 420])
    hands.wire(("checkpoint", "output", "clip"), ("more", "output", "clip"), key="Shift")
    assert hands.source("positive", "clip") == "more.clip"
    assert hands.source("negative", "clip") == "more.clip"
    assert hands.steps() == 2


def test_alt_dragging_cuts_the_wires_it_crosses_and_one_undo_restores_them(hands):
    before = hands.document()
    x, y = hands.port("sampler", "input", "model")
    hands.drag((x - 14, y - 20), (x - 14, y + 60), key="Alt")
    assert hands.source("sampler", "model") is None
    assert hands.source("sampler", "positive") is None
    hands.undo()
    assert hands.document() == before


def test_a_wire_that_would_close_a_circle_is_refused_and_the_loop_shown(hands):
    hands.wire(("decode", "output", "image"), ("invert", "input", "image"))
    hands.put("mix", {"kind": "Mix", "inputs": {"one": link("invert", "image")}}, [1400, 480])
    hands.keyboard.press("Home")
    steps = hands.steps()
    hands.drag(hands.port("mix", "output", "image"), hands.port("invert", "input", "image"))
    assert hands.steps() == steps
    assert "would make a loop: Invert Image → Mix" in hands.notice()
    assert hands.page.locator(".node[data-loop]").count() == 2
    assert hands.page.locator(".wire[data-loop]").count() == 1


@pytest.mark.parametrize(("key", "joined"), [("Delete", "invert.image"), ("Shift+Delete", None)])
def test_deleting_a_node_in_a_wire_joins_its_neighbours(hands, key, joined):
    hands.put("again", {"kind": "InvertImage", "inputs": {"image": link("invert", "image")}})
    hands.put("save", {"inputs": {"images": link("again", "image")}})
    hands.select("again")
    hands.keyboard.press(key)
    assert "again" not in hands.document()["nodes"]
    assert hands.source("save", "images") == joined


def test_a_clicked_wire_is_selected_and_deleted(hands):
    start, end = hands.port("decode", "output", "image"), hands.port("save", "input", "images")
    hands.mouse.click((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    assert hands.calls("wire")[0][1]["to"] == {"node": "save", "input": "images"}
    hands.keyboard.press("Delete")
    assert hands.source("save", "images") is None
