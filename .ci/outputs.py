"""Exit 1 when a stored output of a notebook holds an error, a warning, a progress bar or a path of somebody's machine."""
import re
import sys
from pathlib import Path

import nbformat

problems = []
for path in sorted(Path("nbs").glob("*.ipynb")):
    for number, cell in enumerate(nbformat.read(path, 4).cells):
        for output in cell.get("outputs", []):
            text = output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
            if output.output_type == "error" or output.get("name") == "stderr":
                problems.append(f"{path} cell {number}: {output.output_type} {text[:200]}")
            if re.search(r"/(root|tmp|home|work|Users)/|\d(it|s)/(s|it)\b", text):
                problems.append(f"{path} cell {number}: a path or a progress bar in {text[:200]!r}")
sys.exit("\n".join(problems) or 0)
