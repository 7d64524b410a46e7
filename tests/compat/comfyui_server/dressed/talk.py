from graphengine.api import Progress, Results, node


@node(category="dressed", output=True)
def Talk(text: str = "a", *, progress: Progress, results: Results) -> str:
    """Say a text while it runs."""
    progress.say(f"said: {text}")
    results.add("text", text)
    return text
