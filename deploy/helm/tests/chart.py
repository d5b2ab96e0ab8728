"""Renders the charts, and knows their matrix of values."""

import functools
import json
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
HELM = ROOT / ".tools/bin/helm"
CHARTS = ROOT / "deploy/helm"
MATRIX = {
    "kansoku": ["ci/smallest-values.yaml", "ci/everything-values.yaml", "ci/staging-tls-values.yaml", "values-staging.yaml", "values-production.yaml"],
    "kansoku-servers": ["ci/single-values.yaml", "ci/everything-values.yaml", "values-staging.yaml", "values-production.yaml"],
}
CASES = [(chart, file) for chart, files in MATRIX.items() for file in files]
# Our own programs, where they are built; a folder of KANSOKU_PROGRAMS comes first.
PROGRAMS = [pathlib.Path(folder) for folder in (os.environ.get("KANSOKU_PROGRAMS"), ROOT / "target/release", ROOT / "target/debug") if folder]


class Refused(Exception):
    """What helm said instead of rendering."""


def text(chart, *files, values=None):
    """What `helm template` prints for values files of the chart, with further values over them."""
    command = [HELM, "template", "kansoku", CHARTS / chart, "--namespace", "pipeline"]
    for file in files:
        command += ["--values", CHARTS / chart / file]
    if values is not None:
        command += ["--values", "-"]
    given = None if values is None else json.dumps(values)
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    if done.returncode:
        raise Refused(done.stderr)
    return done.stdout


def documents(chart, *files, values=None):
    """The same, read."""
    return [part for part in yaml.safe_load_all(text(chart, *files, values=values)) if part]


@functools.cache
def rendered(chart, file):
    """The documents of one case of the matrix."""
    return documents(chart, file)


def everything():
    """Each document of each case."""
    for chart, file in CASES:
        for document in rendered(chart, file):
            yield f"{chart}/{file}: {document['kind']} {document['metadata']['name']}", document


def pod_template(document):
    """The template or the pod in a document that makes pods; else nothing."""
    if document["kind"] == "Pod":
        return document
    if document["kind"] in ("Deployment", "StatefulSet", "Rollout", "Job"):
        return document["spec"]["template"]
    return None


def pods():
    """Each pod of each case, with where it is from."""
    for place, document in everything():
        if template := pod_template(document):
            yield place, document, template


def containers(template):
    """All containers of a pod."""
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def program(name):
    """A program of ours, or nothing where none is built."""
    return next((folder / name for folder in PROGRAMS if (folder / name).exists()), None)

