"""Process the pages as for Quarto, and exit 1 when one of them has a fault that can be seen without it."""
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml
from nbdev.config import get_config
from nbdev.serve import proc_nbs


def main():
    processed = proc_nbs(force=True)
    subprocess.run([sys.executable, "../quarto/offline.py"], cwd=processed, check=True)
    sidebar = yaml.safe_load(Path("_quarto.yml").read_text(encoding="utf-8"))["website"]["sidebar"]
    problems = [] if any(processed.rglob("*.ipynb")) else ["no page was processed"]
    for original in sorted(Path("nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in original.parts: continue
        name = original.relative_to("nbs")
        if f"'{name.as_posix()}'" not in str(sidebar): problems.append(f"{name}: not in the sidebar of _quarto.yml")
        if not (processed / name).exists():
            problems.append(f"{name}: not processed")
            continue
        cells = nbformat.read(processed / name, 4).cells
        asked = get_config().address_settled == "True" and original.name[0].isdigit()
        if ("Open in Colab" in cells[0].source) != asked: problems.append(f"{name}: Open in Colab, against settings.ini")
        for cell in cells:
            where = f"{name} cell {cell.id}"
            texts = [cell.source if cell.cell_type == "markdown" else ""]
            for data in (output.get("data", {}) for output in cell.get("outputs", [])):
                if "text/html" in data: problems.append(f"{where}: an output of type text/html, for which Quarto asks another host")
                texts.append(data.get("text/markdown", ""))
            for text in texts:
                fences = "".join(re.findall(r"^```python.*?^```", text, re.M | re.S))
                if "](http" in fences: problems.append(f"{where}: a link inside a signature")
                if re.search(r"<th[^>]*>(\s|&nbsp;)*</th>", text): problems.append(f"{where}: an empty heading in a table")
                problems += [f"{where}: asks {host}" for host in foreign(text)]
    for path in [Path("_quarto.yml"), *Path("quarto").glob("*.scss"), *Path("quarto").glob("*.html")]:
        problems += [f"{path}: asks {host}" for host in foreign(path.read_text(encoding="utf-8"))]
    sys.exit("\n".join(problems) or 0)


def foreign(text):
    "The hosts that a browser would ask for a part of a page: pictures, scripts, styles, fonts."
    return re.findall(r"""(?:!\[[^\]]*\]\(|\bsrc=["']?|@import ["']?|\burl\(["']?|<link[^>]*href=["']?)((?:https?:)?//[^/)"'\s]+)""", text)


if __name__ == "__main__": main()  # the workers that process pages import this file
