"""Token ids of prompts."""

from graphengine.diffusion.text.tokenizer import CLIPTokenizer
from harness import Case, Outputs, golden


@golden("tokens")
def tokens(case: Case) -> Outputs:
    v1, v2 = CLIPTokenizer(), CLIPTokenizer(pad=0, unescape=True)
    for index, entry in enumerate(case.spec["cases"]):
        prompt = entry["prompt"]
        yield f"{index}.v1", v1.row(v1.ids(prompt)) == entry["v1"]
        yield f"{index}.v2", v2.row(v2.ids(prompt)) == entry["v2"]
        yield f"{index}.v1_untruncated_count", len(v1.ids(prompt)) == entry["v1_untruncated_count"]
