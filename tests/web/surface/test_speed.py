"""A thousand nodes of five inputs (users.md 3.1: 53), by the work of the page's main thread."""

import pytest

from tests.web.surface.metering import Meter, steps


@pytest.fixture
def many(open_page):
    hands = open_page("?nodes=1000")
    hands.page.wait_for_timeout(300)
    return hands


def test_a_thousand_nodes_open_within_a_second_of_work(many):
    _, task = Meter(many.page).read()
    assert task < 1000


def test_a_step_of_a_pan_with_all_in_view_is_quick(many):
    script, task = steps(many.page, Meter(many.page), (20, 60))
    assert script < 4 and task < 20


def test_a_step_of_dragging_a_node_is_quick(many):
    box = many.node("n0").bounding_box()
    script, task = steps(many.page, Meter(many.page), (box["x"] + box["width"] / 2, box["y"] + 3))
    assert script < 4 and task < 20
    assert many.steps() == 1


def test_a_step_of_a_pan_from_near_is_quick_and_little_is_on_the_page(many):
    many.page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    script, task = steps(many.page, Meter(many.page), (300, 300))
    assert script < 4 and task < 15
    assert many.page.locator("*").count() <= 1500


def test_a_storm_of_progress_costs_little_in_a_frame(many):
    many.page.evaluate("surface.view.set({x: 0, y: 0, zoom: 1})")
    meter = Meter(many.page)
    before, _ = meter.read()
    many.page.evaluate("""async () => {
        for (let done = 0; done < 100; done += 1) {
            surface.setStates({n0: {state: 'running', done, total: 100}, n26: {state: 'queued'}});
            if (done % 4 === 0) await new Promise(requestAnimationFrame);
        }
    }""")
    after, _ = meter.read()
    assert (after - before) / 25 < 4  # milliseconds a frame
