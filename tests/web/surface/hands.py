"""What a person does on the surface, and what they see there."""


class Hands:
    def __init__(self, page):
        self.page = page
        self.mouse, self.keyboard = page.mouse, page.keyboard

    # what is seen

    def node(self, id):
        return self.page.locator(f'.node[data-id="{id}"]')

    def socket(self, id, side, port):
        return self.page.locator(f'.node[data-id="{id}"] .socket[data-side="{side}"][data-port="{port}"]')

    def document(self):
        return self.page.evaluate("store.get()")

    def source(self, id, input):
        """Where an input is linked to: ``node.output``, or its literal."""
        value = self.document()["nodes"][id]["inputs"].get(input)
        return "{node}.{output}".format(**value["link"]) if isinstance(value, dict) else value

    def selected(self):
        return set(self.page.evaluate("surface.selection.get()"))

    def steps(self):
        return self.page.evaluate("store.steps.past.length")

    def undo(self):
        self.page.evaluate("store.undo()")

    def calls(self, name):
        return [call for call in self.page.evaluate("calls") if call[0] == name]

    def notice(self):
        return self.page.locator("#notices").inner_text()

    def view(self):
        return self.page.evaluate("surface.view.get()")

    def world(self, x, y):
        return self.page.evaluate("([x, y]) => surface.toWorld(x, y)", [x, y])

    def focused(self):
        return self.page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName")

    def at(self, locator, across=0.5, down=0.5):
        box = locator.bounding_box()
        return box["x"] + box["width"] * across, box["y"] + box["height"] * down

    def head(self, id):
        return self.at(self.node(id).locator(".node-head"))

    def port(self, id, side, port):
        return self.at(self.socket(id, side, port))

    def empty(self):
        """A point of the page with nothing near it."""
        return (700, 760)

    def until(self, seen, seconds=5):
        """Look again and again, for the page's policy forbids what Playwright's own waiting does."""
        for _ in range(seconds * 20):
            if seen():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("It did not come.")

    # what is done

    def put(self, id, fields, pos=None):
        """Add a node, or change fields of one, as somebody else's edit does."""
        change = """([id, fields, pos]) => store.edit('put', document => ({
            ...document,
            nodes: {...document.nodes, [id]: {inputs: {}, ...document.nodes[id], ...fields}},
            layout: {...document.layout, nodes: {...document.layout.nodes, ...(pos && {[id]: {pos}})}},
        }))"""
        self.page.evaluate(change, [id, fields, pos])

    def drag(self, start, *points, key=None, release=True):
        self.mouse.move(*start)
        if key:
            self.keyboard.down(key)
        self.mouse.down()
        for x, y in points:
            self.mouse.move(x, y, steps=6)
        if release:
            self.mouse.up()
        if key:
            self.keyboard.up(key)

    def wire(self, start, end, **options):
        """Drag from a socket to a socket: ``(id, side, port)`` each."""
        self.drag(self.port(*start), self.port(*end), **options)

    def select(self, *ids):
        self.page.evaluate("ids => surface.selection.set(ids)", list(ids))
        self.page.evaluate("document.querySelector('.surface').focus()")


def link(node, output):
    return {"link": {"node": node, "output": output}}
