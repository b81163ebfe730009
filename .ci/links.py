"""Exit 1 when a notebook or README.md, or a page as Quarto will read it, links to a page, a heading or a file that is not there."""
import os
import re
import sys
from pathlib import Path

import nbformat


def prose(path):
    "The Markdown of a notebook, its outputs included, or of a text file."
    if path.suffix == ".md": return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, 4).cells
    outputs = (output.get("data", {}).get("text/markdown", "") for cell in cells for output in cell.get("outputs", []))
    return "\n".join([*(cell.source for cell in cells if cell.cell_type != "code"), *outputs])


def anchors(path):
    "What Quarto makes of a page's headings, and the names that are given on the page."
    text = prose(path)
    headings = ("-".join(re.sub(r"[^\w. -]", "", title).lower().split()) for title in re.findall(r"^#+ (.+)$", text, re.M))
    return {*headings, *re.findall(r"\{#([^}\s]+)", text)}


notebooks = [path for folder in ("nbs", "_proc") for path in sorted(Path(folder).rglob("*.ipynb"))
             if not {".ipynb_checkpoints", "notebooks"} & set(path.parts)]
rendered = {path.with_name(name): path for path in notebooks for name in re.findall(r"^output-file: (.+)$", prose(path), re.M)}
problems = []
for page in [Path("README.md"), Path("CONTRIBUTING.md"), *notebooks]:
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", prose(page)):
        name, _, anchor = target.partition("#")
        file = Path(os.path.normpath(page.parent / name)) if name else page
        file = rendered.get(file, file)
        if not file.exists(): problems.append(f"{page}: no {target}")
        elif anchor and anchor not in anchors(file): problems.append(f"{page}: no heading for {target}")
sys.exit("\n".join(problems) or 0)
