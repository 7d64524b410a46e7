"""What is known of outputs before anything runs, at their sockets."""

from tests.web.surface.metering import Meter
from tests.web.test_seeing import MIDDLE

SIZED = {"latent": {"size": [768, 512]}}
FACTS = {"empty": SIZED, "sampler": SIZED, "checkpoint": {name: {"family": "sd1"} for name in ("model", "clip", "vae")}}


def told(hands, id):
    return [text for text in hands.node(id).locator(".row-fact").all_inner_texts() if text]


def show(hands, facts):
    hands.page.evaluate("facts => surface.setFacts(facts)", facts)


def test_an_output_tells_its_size_or_family_and_so_do_the_names_of_both_ends_of_its_wires(hands):
    assert told(hands, "empty") == []
    show(hands, FACTS)
    assert told(hands, "empty") == ["768×512"]
    assert told(hands, "checkpoint") == ["SD 1"] * 3
    assert told(hands, "decode") == []
    names = [hands.socket(*socket).get_attribute("aria-label") for socket in (
        ("empty", "output", "latent"), ("sampler", "input", "latent_image"), ("sampler", "input", "model"),
        ("decode", "output", "image"),
    )]  # fmt: skip
    assert names[0].startswith("output latent, LATENT 768×512, connected to")
    assert names[1].startswith("input latent_image, LATENT 768×512, connected to")
    assert names[2].startswith("input model, MODEL SD 1, connected to")
    assert names[3].startswith("output image, IMAGE, connected to")
    show(hands, {})
    assert told(hands, "empty") == []
    assert "768" not in hands.socket("sampler", "input", "latent_image").get_attribute("aria-label")


def test_a_wire_that_is_pointed_at_tells_what_goes_through_it(hands):
    show(hands, FACTS)
    surface = hands.page.locator(".surface")
    hands.mouse.move(*hands.page.evaluate(MIDDLE, "decode"))
    hands.until(lambda: surface.get_attribute("title") == "LATENT 768×512")
    hands.mouse.move(*hands.empty())
    hands.until(lambda: not surface.get_attribute("title"))


def test_a_fact_takes_no_room_from_names_and_is_not_cut(hands):
    """It is left of its output's name and right of the input's beside it; a node too narrow for it does without."""
    show(hands, FACTS)

    def boxes(width):
        hands.page.evaluate(
            """width => store.edit('size', ({layout, ...rest}) => ({
            ...rest,
            layout: {...layout, nodes: {...layout.nodes, sampler: {...layout.nodes.sampler, size: [width, 260]}}},
        }))""",
            width,
        )
        return hands.page.evaluate("""() => {
            const node = document.querySelector('.node[data-id="sampler"]');
            const row = node.querySelector('.row-output');
            const box = (element) => element.getBoundingClientRect().toJSON();
            const [fact, label] = ['.row-fact', '.row-label'].map((name) => box(row.querySelector(name)));
            return {row: box(row), fact, label, beside: box(node.querySelector('.row-input .row-label'))};
        }""")

    wide = boxes(220)
    assert wide["beside"]["left"] < wide["fact"]["left"] and wide["fact"]["right"] < wide["label"]["left"]
    assert wide["fact"]["top"] < wide["row"]["bottom"] and wide["fact"]["left"] >= wide["row"]["left"]
    narrow = boxes(160)
    assert narrow["fact"]["top"] >= narrow["row"]["bottom"] - 0.5  # in what is clipped
    assert abs(narrow["label"]["width"] - wide["label"]["width"]) < 0.5
    assert abs(narrow["label"]["top"] - narrow["row"]["top"] - (wide["label"]["top"] - wide["row"]["top"])) < 0.5


def test_only_what_has_changed_is_drawn_anew(hands):
    show(hands, FACTS)
    hands.page.evaluate("""() => {
        window.drawn = new Set();
        const nodeOf = (target) => (target.nodeType === 1 ? target : target.parentElement).closest('.node').dataset.id;
        const watch = new MutationObserver((all) => all.forEach(({target}) => drawn.add(nodeOf(target))));
        const what = {subtree: true, childList: true, attributes: true, characterData: true};
        watch.observe(document.querySelector('.node-layer'), what);
    }""")
    show(hands, {**FACTS})
    assert hands.page.evaluate("new Promise(requestAnimationFrame).then(() => [...drawn])") == []
    show(hands, {**FACTS, "empty": {"latent": {"size": [64, 64]}}})
    assert set(hands.page.evaluate("new Promise(requestAnimationFrame).then(() => [...drawn])")) == {"empty", "sampler"}


def test_facts_of_a_thousand_nodes_cost_little_and_are_there_from_near_only(open_page):
    hands = open_page("?nodes=1000")
    facts = {f"n{index}": {"image": {"size": [512, 512 + index]}, "mask": {"size": [8, 8]}} for index in range(1000)}
    meter = Meter(hands.page)
    before, _ = meter.read()
    show(hands, facts)
    show(hands, facts)
    after, _ = meter.read()
    assert after - before < 60  # milliseconds
    assert not hands.page.locator(".row-fact").first.is_visible()
    hands.page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    hands.until(lambda: hands.page.locator(".row-fact").first.is_visible())
    assert told(hands, "n0") == ["512×512", "8×8"]
    assert hands.page.locator("*").count() <= 1500
