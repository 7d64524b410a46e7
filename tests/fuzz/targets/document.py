"""Documents of our own format."""

from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.resolve import resolve
from tests.compat.comfyui.kinds import SPECS
from tests.fuzz import seeds as good

ERRORS = (DocumentError,)


def seeds():
    return good.documents()


def take(data):
    workflow = document.load(data)
    saved = document.save(workflow)
    assert document.save(document.load(saved)) == saved
    resolve(workflow, SPECS)
