"""Documents of older packs open as if they had been written today."""

from graphengine.graph import migrate as migrations
from graphengine.graph.migrate import Migration
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow

BLUR = (
    Migration("Blur", 2, rename={"size": "radius"}, values={"mode": {"fast": "box"}}, add={"sigma": 1.0}),
    Migration("Blur", 3, outputs={"picture": "image"}, remove=["seed"]),
)
OLD = Workflow(
    {
        "load": Node("Load"),
        "blur": Node("OldBlur", {"image": Link("load", "image"), "size": 4, "mode": "fast", "seed": 1}),
        "save": Node("Save", {"image": Link("blur", "picture")}),
    },
    Interface({"strength": (Exposed("blur", "size"),)}, {"image": Link("blur", "picture")}),
)


def migrate(workflow):
    return migrations.migrate(workflow, {"OldBlur": "Blur"}, {"Blur": BLUR})


def test_renamed_kinds_inputs_outputs_and_values_follow_through_all_versions():
    new = migrate(OLD)
    assert new.nodes["blur"] == Node(
        "Blur", {"sigma": 1.0, "image": Link("load", "image"), "radius": 4, "mode": "box"}, version=3
    )
    assert new.nodes["save"].inputs["image"] == Link("blur", "image")
    assert new.interface.inputs["strength"] == (Exposed("blur", "radius"),)
    assert new.interface.outputs["image"] == Link("blur", "image")


def test_a_document_of_the_version_between_takes_only_the_last_step():
    node = Node("Blur", {"radius": 4, "size": "kept", "seed": 1}, version=2)
    assert migrate(Workflow({"blur": node})).nodes["blur"].inputs == {"radius": 4, "size": "kept"}


def test_what_is_up_to_date_is_the_same_object_and_sub_workflows_are_migrated_too():
    current = migrate(OLD)
    assert migrate(current) is current
    outer = Workflow({"use": Node("@old")}, workflows={"old": OLD})
    assert migrate(outer).workflows["old"] == current


def test_what_a_document_gives_itself_is_not_overwritten_by_what_a_migration_adds():
    node = Node("Blur", {"sigma": 3.0})
    assert migrate(Workflow({"blur": node})).nodes["blur"].inputs["sigma"] == 3.0
