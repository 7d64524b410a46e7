"""Why a graph is refused, in the shapes that ComfyUI's clients know."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphengine.compat.comfyui.object_info import Choose, input_info
from graphengine.compat.comfyui.outputs import output_index
from graphengine.graph.check import Analysis
from graphengine.graph.order import ancestors
from graphengine.graph.problem import Problem
from graphengine.graph.spec import InputSpec
from graphengine.graph.workflow import Link

MESSAGES = {
    "required_input_missing": "Required input is missing",
    "bad_linked_input": "Bad linked input, must be a length-2 list of [node_id, slot_index]",
    "return_type_mismatch": "Return type mismatch between linked nodes",
    "invalid_input_type": "Failed to convert an input value to a {type} value",
    "value_smaller_than_min": "Value {value} smaller than min of {low}",
    "value_bigger_than_max": "Value {value} bigger than max of {high}",
    "value_not_in_list": "Value not in list",
    "custom_validation_failed": "Custom validation failed for node",
}
TYPES = {  # of problems whose type is the same whatever the value
    "missing_input": "required_input_missing",
    "bad_choice": "value_not_in_list",
    "needs_link": "invalid_input_type",
}
# source -> what its files are called
FILES: Mapping[str, str] = {"input": "image", "output": "image", "latents": "latent"}
SHOWN = 20  # choices; longer lists are told by their length
NO_PROMPT = ("no_prompt", "No prompt provided", "No prompt provided")
NO_CLASS = "Cannot execute because a node is missing the class_type property."
NO_OUTPUTS = ("prompt_no_outputs", "Prompt has no outputs", "")
FAILED = ("prompt_outputs_failed_validation", "Prompt outputs failed validation")


def refusal(type: str, message: str, details: str = "", errors: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The answer to a graph that is not run."""
    error = {"type": type, "message": message, "details": details, "extra_info": {}}
    return {"error": error, "node_errors": errors or {}}


def unknown_kind(analysis: Analysis) -> dict[str, Any] | None:
    """The answer to a graph with a node of a kind that is not there; None if all are."""
    for problem in analysis.problems:
        if problem.code == "unknown_kind":
            kind = analysis.workflow.nodes[problem.node].kind
            message = f"Cannot execute because node {kind} does not exist."
            answer = refusal("invalid_prompt", message, f"Node ID '#{problem.node}'")
            answer["error"]["extra_info"] = {"cure": problem.cure}
            return answer
    return None


def without_class(graph: Mapping[str, Any]) -> dict[str, Any] | None:
    """The answer to a graph with a node that says no kind; None if all do."""
    for id, node in graph.items():
        if not isinstance(node, dict) or not isinstance(node.get("class_type"), str) or not node["class_type"]:
            return refusal("invalid_prompt", NO_CLASS, f"Node ID '#{id}'")
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
        dependent = [target for target in targets if problem.node in needs[target]]
        if node is None or not dependent:
            continue
        place = {"errors": [], "dependent_outputs": dependent, "class_type": node.kind}
        found.setdefault(problem.node, place)["errors"].append(node_error(analysis, problem, choose))
    return found


def node_error(analysis: Analysis, problem: Problem, choose: Choose) -> dict[str, Any]:
    """One problem."""
    spec = analysis.specs.get(problem.node)
    port = spec.input_port(problem.input) if spec else None
    config = input_info(port, choose) if port else None
    value = problem.data.get("value")
    type, details = _type_and_details(problem, port, config)
    words = {
        "value": value,
        "type": port.type if port else "",
        "low": port.low if port else None,
        "high": port.high if port else None,
    }
    extra: dict[str, Any] = {"input_name": problem.input, "cure": problem.cure}
    if config is not None and type != "required_input_missing":
        extra["input_config"] = None if type == "value_not_in_list" and len(_choices(config)) > SHOWN else config
    if "value" in problem.data:
        extra["received_value"] = value
    if type == "invalid_input_type":
        extra["exception_message"] = problem.message
    if type == "return_type_mismatch":
        extra |= {"received_type": problem.data["given"], "linked_node": _linked(analysis, problem)}
    return {"type": type, "message": MESSAGES[type].format(**words), "details": details, "extra_info": extra}


def _type_and_details(problem: Problem, port: InputSpec | None, config: Sequence[Any] | None) -> tuple[str, str]:
    name, data = problem.input, problem.data
    if problem.code == "dangling_link":
        return "bad_linked_input", f"{name}: {problem.message}"
    if isinstance(data.get("value"), list):
        return "bad_linked_input", name
    if problem.code == "wrong_type" and "given" in data:
        return "return_type_mismatch", f"{name}, received_type({data['given']}) mismatch input_type({data['wanted']})"
    if problem.code == "out_of_range" and port is not None:
        small = port.low is not None and data["value"] < port.low
        return "value_smaller_than_min" if small else "value_bigger_than_max", name
    if problem.code in ("wrong_type", "needs_link"):
        return "invalid_input_type", f"{name}, {data.get('value')}, {problem.message}"
    called = FILES.get(port.source or "") if port else None
    if problem.code == "bad_choice" and called:
        return "custom_validation_failed", f"{name} - Invalid {called} file: {data.get('value')}"
    if problem.code == "bad_choice":
        choices = _choices(config)
        shown = str(choices) if len(choices) <= SHOWN else f"(list of length {len(choices)})"
        return "value_not_in_list", f"{name}: {data.get('value')!r} not in {shown}"
    if problem.code in TYPES:
        return TYPES[problem.code], name
    return "custom_validation_failed", f"{name} - {problem.message}" if name else problem.message


def _choices(config: Sequence[Any] | None) -> list[Any]:
    return config[0] if config and isinstance(config[0], list) else []


def _linked(analysis: Analysis, problem: Problem) -> list[Any] | None:
    """The link that does not fit, as it was posted."""
    link = analysis.workflow.nodes[problem.node].inputs.get(problem.input)
    if not isinstance(link, Link):
        return None
    source = analysis.workflow.nodes.get(link.node)
    return [link.node, output_index(analysis.specs.get(link.node) if source else None, link.output)]
