"""How much the page's main thread works; in thread time, so that other work on the machine hardly counts."""

STEPS = 40


class Meter:
    """Script and all work of the main thread, in milliseconds."""

    def __init__(self, page):
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read(self):
        found = {entry["name"]: entry["value"] for entry in self._session.send("Performance.getMetrics")["metrics"]}
        return found["ScriptDuration"] * 1000, found["TaskDuration"] * 1000


def steps(page, meter, start: tuple[float, float]):
    """Milliseconds of script, and of all work, for each step of a drag from a point."""
    x, y = start
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10)
    page.wait_for_timeout(200)
    before = meter.read()
    for step in range(STEPS):
        page.mouse.move(x + 10 + 3 * step, y + 10 + step)
        page.wait_for_timeout(16)
    after = meter.read()
    page.mouse.up()
    script, task = ((end - begin) / STEPS for begin, end in zip(before, after, strict=True))
    return script, task
