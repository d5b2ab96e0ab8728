"""Every file that a document of ours links to is there, and every heading."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings of a document."""
    heads = re.findall(r"^#+ +(.*)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def faults(document: pathlib.Path):
    for one, other in LINK.findall(FENCE.sub("", document.read_text())):
        target, _, anchor = (one or other).partition("#")
        if re.match(r"[a-z]+:", target) or "{{" in target:
            continue
        file = (document.parent / target).resolve() if target else document
        if not file.exists():
            yield f"{document.relative_to(ROOT)}: {target} is not there"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            yield f"{document.relative_to(ROOT)}: {file.name} has no heading #{anchor}"


listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
found = [fault for name in listed.stdout.split() for fault in faults(ROOT / name)]
sys.exit("\n".join(found) or None)
