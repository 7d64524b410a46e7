"""Commands that write a workflow in another form: convert, show."""

import argparse

from graphengine import formats
from graphengine.cli.common import engine_of, note, out, read_workflow
from graphengine.file_writing import write_aside
from graphengine.graph.svg import svg
from graphengine.lock import lock


def convert(options: argparse.Namespace) -> int:
    """Write a workflow in another format."""
    engine = engine_of(options)
    workflow = read_workflow(engine, options.workflow)
    if options.lock:
        workflow = lock(workflow, engine.check(workflow), engine.index, engine.files)
    write_aside(options.out, formats.write(workflow, options.format, engine.registry.specs))
    note(f"wrote {options.out}")
    return 0


def show(options: argparse.Namespace) -> int:
    """Draw a workflow."""
    engine = engine_of(options)
    drawn = svg(read_workflow(engine, options.workflow), engine.registry.specs)
    if options.out is None:
        out(drawn)
    else:
        write_aside(options.out, drawn.encode())
        note(f"wrote {options.out}")
    return 0
