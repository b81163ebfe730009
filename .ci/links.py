"""Exit 1 when a notebook or README.md links to a notebook, a heading or a file that is not there."""
import re
import sys
from pathlib import Path

import nbformat


def prose(path):
    "The Markdown of a notebook or of a text file."
    if path.suffix == ".md": return path.read_text(encoding="utf-8")
    return "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")


def headings(path):
    "The anchors that Quarto makes of a page's headings."
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", prose(path), re.M)}


problems = []
for page in [Path("README.md"), *sorted(p for p in Path("nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)]:
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", prose(page)):
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        if not file.exists(): problems.append(f"{page}: no {target}")
        elif anchor and anchor not in headings(file): problems.append(f"{page}: no heading for {target}")
sys.exit("\n".join(problems) or 0)
