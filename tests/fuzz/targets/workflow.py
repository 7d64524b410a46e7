"""Workflows of every JSON format, read, checked, and written in every format again."""

import contextlib

from graphengine import formats
from graphengine.graph.check import check
from graphengine.graph.errors import DocumentError
from graphengine.graph.registry import registry_of
from graphengine.graph.resolve import resolve
from tests.compat.comfyui.kinds import SPECS
from tests.fuzz import seeds as good

ERRORS = (DocumentError,)
REGISTRY = registry_of(SPECS.values())


def seeds():
    return [*good.graphs(), *good.documents()]


def take(data):
    workflow = formats.read(data, SPECS)
    for format in formats.FORMATS:
        with contextlib.suppress(DocumentError):  # not every format can say everything
            formats.read(formats.write(workflow, format, SPECS), SPECS)
    check(resolve(workflow, SPECS), REGISTRY)
