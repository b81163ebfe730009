"""Exit 1 when a notebook holds an error, a warning, a progress bar, a path of somebody's machine, a picture without words,
a line too long, an exercise without its folded answer, or a cell that the site hides and JupyterLab shows."""
import re
import sys
from pathlib import Path

import nbformat
import yaml

problems = []
for path in sorted(Path("nbs").rglob("*.ipynb")):
    if ".ipynb_checkpoints" in path.parts: continue
    notebook = nbformat.read(path, 4)
    cells = notebook.cells
    if "widgets" in notebook.metadata: problems.append(f"{path}: the state of widgets, hundreds of kilobytes (see CONTRIBUTING.md)")
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    exercises = re.findall(r"^(\d+)\. ", prose.partition("\n## Exercises\n")[2], re.M)
    answers = [cell for cell in cells if cell.cell_type == "code" and re.search(r"^#\| code-summary: .Answer", cell.source, re.M)]
    titles = [re.search(r"^#\| code-summary: \"Answer(?: to exercise)? (\d+)\"$", cell.source, re.M) for cell in answers]
    told = re.findall(r"<summary>Answer (\d+)</summary>", prose.partition("\n## Exercises\n")[2])  # those in words
    answered = {*told, *(title and title[1] for title in titles)}
    if {*exercises} != answered: problems.append(f"{path}: exercises {exercises}, answers {sorted(map(str, answered))}")
    if not all(cell.metadata.get("jupyter", {}).get("outputs_hidden") for cell in answers):
        problems.append(f"{path}: an answer that JupyterLab does not fold")
    for number, cell in enumerate(cells):
        where = f"{path} cell {number}"
        hidden = cell.cell_type == "code" and re.search(r"^#\| *(hide\b|echo: *false)", cell.source, re.M)
        if hidden and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            problems.append(f"{where}: hidden on the site, open in JupyterLab (View, Collapse Selected Code)")
        longest = max(map(len, cell.source.splitlines()), default=0)
        if cell.cell_type == "code" and longest > 120: problems.append(f"{where}: a line of {longest} characters")
        shown = [] if hidden else [line for line in cell.source.splitlines() if not line.startswith("#|")]
        longest = max(map(len, shown), default=0)
        if cell.cell_type == "code" and longest > 88: problems.append(f"{where}: a line of {longest} characters in a cell that is shown")
        for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", cell.source, flags=re.M | re.S)) if cell.cell_type == "markdown" else ():
            if len(code) > 40: problems.append(f"{where}: `{code}` in prose is {len(code)} characters, and cannot be broken")
        for option in re.findall(r"^#\|(\s*[\w-]+:\s.*)$", cell.source, re.M) if cell.cell_type == "code" else ():
            try: yaml.safe_load(option)  # as Quarto will
            except yaml.YAMLError: problems.append(f"{where}: not YAML: {option}")
        for output in cell.get("outputs", []):
            text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            if output.output_type == "error" or output.get("name") == "stderr":
                problems.append(f"{where}: {output.output_type} {text[:200]}")
            if re.search(r"/(root|tmp|home|work|Users)/|\d(it|s)/(s|it)\b", text):
                problems.append(f"{where}: a path or a progress bar in {text[:200]!r}")
            kinds = output.get("data", {}).keys()
            if "application/vnd.jupyter.widget-view+json" in kinds:
                problems.append(f"{where}: a widget where a still picture belongs (see CONTRIBUTING.md)")
            if "image/png" in kinds and not re.search(r"^#\| fig-alt: *[\"']?\w", cell.source, re.M):
                problems.append(f"{where}: a picture without a fig-alt")
            widest = max(map(len, text.splitlines()), default=0)
            if widest > 90 and not {"image/png", "text/html", "text/markdown"} & kinds:
                problems.append(f"{where}: an output {widest} columns wide")
sys.exit("\n".join(problems) or 0)
