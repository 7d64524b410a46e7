"""Why a graph is refused, in the shapes that ComfyUI's clients know."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphengine.compat.comfyui.object_info import Choose, input_info
from graphengine.graph.check import Analysis
from graphengine.graph.order import ancestors
from graphengine.graph.problem import Problem
from graphengine.graph.spec import InputSpec

MESSAGES = {
    "required_input_missing": "Required input is missing",
    "bad_linked_input": "Bad linked input",
    "return_type_mismatch": "Return type mismatch between linked nodes",
    "invalid_input_type": "Failed to convert an input value",
    "value_smaller_than_min": "Value {value} smaller than min of {low}",
    "value_bigger_than_max": "Value {value} bigger than max of {high}",
    "value_not_in_list": "Value not in list",
    "custom_validation_failed": "Custom validation failed for node",
}
TYPES = {  # of problems whose type is the same whatever the value
    "missing_input": "required_input_missing",
    "dangling_link": "bad_linked_input",
    "bad_choice": "value_not_in_list",
    "needs_link": "invalid_input_type",
}
NO_PROMPT = ("no_prompt", "No prompt provided", "No prompt provided")
NO_OUTPUTS = ("prompt_no_outputs", "Prompt has no outputs", "")
FAILED = ("prompt_outputs_failed_validation", "Prompt outputs failed validation")


def refusal(type: str, message: str, details: str = "", errors: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer to a graph that is not run."""
    error = {"type": type, "message": message, "details": details, "extra_info": {}}
    return {"error": error, "node_errors": errors or {}}


def unknown_kind(problems: Iterable[Problem]) -> dict[str, Any] | None:
    """The answer to a graph with a node of a kind that is not there; None if all are."""
    for problem in problems:
        if problem.code == "unknown_kind":
            return refusal("invalid_prompt", f"Cannot execute because {problem.message}", f"Node ID '#{problem.node}'")
    return None


def failed(analysis: Analysis, targets: Sequence[str], problems: Sequence[Problem], choose: Choose) -> dict[str, Any]:
    """The answer to a graph none of whose outputs can run."""
    errors = node_errors(analysis, targets, problems, choose)
    found = [error for id in targets for error in errors.get(id, {"errors": ()})["errors"]]
    found = found or [{"message": problem.message, "details": problem.cure} for problem in problems if not problem.node]
    return refusal(*FAILED, "\n".join(f"{error['message']}: {error['details']}" for error in found), errors)


def node_errors(
    analysis: Analysis, targets: Sequence[str], problems: Sequence[Problem], choose: Choose
) -> dict[str, Any]:
    """The problems by node, each with the outputs that cannot run because of it."""
    needs = {target: ancestors(analysis.workflow.nodes, [target]) for target in targets}
    found: dict[str, Any] = {}
    for problem in problems:
        node = analysis.workflow.nodes.get(problem.node)
        if node is None:
            continue
        dependent = [target for target in targets if problem.node in needs[target]]
        place = {"errors": [], "dependent_outputs": dependent, "class_type": node.kind}
        found.setdefault(problem.node, place)["errors"].append(node_error(analysis, problem, choose))
    return found


def node_error(analysis: Analysis, problem: Problem, choose: Choose) -> dict[str, Any]:
    """One problem."""
    spec = analysis.specs.get(problem.node)
    port = spec.input_port(problem.input) if spec else None
    type, details = _type_and_details(problem, port)
    value = problem.data.get("value")
    words = {"value": value, "low": port.low if port else None, "high": port.high if port else None}
    extra: dict[str, Any] = {"input_name": problem.input, "cure": problem.cure}
    if port is not None:
        extra["input_config"] = input_info(port, choose)
    if "value" in problem.data:
        extra["received_value"] = value
    return {"type": type, "message": MESSAGES[type].format(**words), "details": details, "extra_info": extra}


def _type_and_details(problem: Problem, port: InputSpec | None) -> tuple[str, str]:
    name, data = problem.input, problem.data
    if problem.code == "wrong_type" and "given" in data:
        return "return_type_mismatch", f"{name}, received_type({data['given']}) mismatch input_type({data['wanted']})"
    if problem.code == "out_of_range" and port is not None:
        small = port.low is not None and data["value"] < port.low
        return "value_smaller_than_min" if small else "value_bigger_than_max", name
    if problem.code in ("wrong_type", "needs_link"):
        return "invalid_input_type", f"{name}, {data.get('value')!r}, {problem.message}"
    if problem.code == "bad_choice":
        return "value_not_in_list", f"{name}: {data.get('value')!r} not in list"
    if problem.code in TYPES:
        return TYPES[problem.code], name
    return "custom_validation_failed", f"{name} - {problem.message}"
