"""What a run would do, and why, before it does it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphengine.execution.explain import Record, explain, records
from graphengine.execution.keys import Context, Keys
from graphengine.execution.plan import Plan
from graphengine.graph.check import Analysis
from graphengine.graph.order import ancestors


@dataclass(frozen=True)
class Preview:
    """What a run would do.

    Attributes:
        plan: Tasks, cached nodes.
        reasons: Node that will run -> why.
        order: All nodes that are needed, sources first.
        seconds: What they took the last time, together; 0 when that is not known.
    """

    plan: Plan
    reasons: Mapping[str, Sequence[str]]
    order: Sequence[str]
    seconds: float = 0.0


def preview(
    plan: Plan,
    analysis: Analysis,
    wanted: Sequence[str],
    keys: Keys,
    context: Context,
    before: Mapping[str, Record],
) -> Preview:
    """What a run would do by this plan.

    Args:
        wanted: Its targets.
        before: What nodes were made of in the last run of the name.
    """
    reasons = explain(analysis, plan, records(analysis, keys, context), before)
    needed = ancestors(analysis.workflow.nodes, wanted)
    seconds = sum(before[id].seconds for id in reasons if id in before)
    return Preview(plan, reasons, [id for id in analysis.order if id in needed], seconds)
