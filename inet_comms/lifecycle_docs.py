"""Draws docs/lifecycles.md from the MOVES tables, so that the drawing cannot drift from the code (`make docs`)."""

import os


def draw() -> str:
    """Markdown: one table and one Mermaid diagram a model that has a life."""
    from django.apps import apps
    from django.utils import translation

    pieces = [
        "# Lifecycles",
        "",
        "Drawn from the `MOVES` tables by `make docs`; a test compares. ⏱ marks moves of the clock.",
    ]
    with translation.override("en"):
        for model in apps.get_models():
            if hasattr(model, "MOVES"):
                pieces += ["", *_draw(model)]
    return "\n".join(pieces) + "\n"


def _draw(model) -> list[str]:
    lines = [f"## {model._meta.object_name}", "", "```mermaid", "stateDiagram-v2"]
    lines.append(f"  [*] --> {model._meta.get_field('state').default}")
    for name, arrow in model.MOVES.items():
        label = f"{name} ⏱" if arrow.clock else name
        lines += [f"  {source} --> {arrow.target}: {label}" for source in arrow.sources]
    lines += ["```", "", "| state | on screen |", "|---|---|"]
    lines += [f"| `{state.value}` | {state.label} |" for state in model.State]
    return lines


if __name__ == "__main__":
    import sys

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inet_comms.settings")
    django.setup()
    sys.stdout.write(draw())
