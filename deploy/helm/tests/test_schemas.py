"""Each document against Kubernetes' schemas, by two programs, and against those of the custom resources."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import kubernetes_validate
import yaml

import chart

KUBECONFORM = chart.ROOT / ".tools/bin/kubeconform"
CRDS = pathlib.Path(__file__).parent / "crds"
# The oldest that the charts take, and the newest that is known here.
VERSIONS = ["1.30.0", "1.37.0"]


def strict(node):
    """A schema that refuses what it does not name, as the API server does."""
    if isinstance(node, list):
        return [strict(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    closed = "properties" in node and "additionalProperties" not in node and not node.get("x-kubernetes-preserve-unknown-fields")
    return {key: strict(inner) for key, inner in node.items()} | ({"additionalProperties": False} if closed else {})


def builtin(version, folder):
    """Kubernetes' own schemas in a folder, with references among its files: by their ids they would be fetched."""
    source = pathlib.Path(kubernetes_validate.__file__).parent / f"kubernetes-json-schema/v{version}-local-strict"
    folder.mkdir()
    kinds = "|".join(sorted({document["kind"].lower() for _, document in chart.everything()}))
    for file in source.iterdir():
        if re.fullmatch(rf"_definitions\.json|({kinds})(-[a-z0-9-]+)?\.json", file.name):
            schema = json.loads(file.read_text().replace('"/api/_definitions.json', '"_definitions.json'))
            schema.pop("$id", None)
            (folder / file.name).write_text(json.dumps(schema))
    return folder


def custom():
    """The schemas of the custom resources, by kind."""
    found = {}
    for file in CRDS.glob("*.yaml"):
        spec = yaml.safe_load(file.read_text())["spec"]
        schema = strict(spec["versions"][0]["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = {"type": "object"}
        found[(f"{spec['group']}/{spec['versions'][0]['name']}", spec["names"]["kind"])] = schema
    return found


class Schemas(unittest.TestCase):
    def test_kubeconform(self):
        with tempfile.TemporaryDirectory() as folder:
            for (version, kind), schema in custom().items():
                (pathlib.Path(folder) / f"{kind.lower()}_{version.rsplit('/', 1)[1]}.json").write_text(json.dumps(schema))
            for version in VERSIONS:
                core = builtin(version, pathlib.Path(folder) / version)
                command = [KUBECONFORM, "-strict", "-summary", "-kubernetes-version", version, "-schema-location", f"{core}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
                           "-schema-location", folder + "/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"]
                for name, file in chart.CASES:
                    done = subprocess.run(command, input=chart.text(name, file), capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, f"{name}/{file} against {version}: {done.stdout}{done.stderr}")
                    self.assertIn("Skipped: 0", done.stdout)
                wrong = chart.text("kansoku", "ci/smallest-values.yaml").replace("readinessProbe:", "readynessProbe:")
                self.assertIn("additional properties 'readynessProbe' not allowed", subprocess.run(command, input=wrong, capture_output=True, text=True).stdout)

    def test_kubernetes_validate(self):
        ours = {kind for _, kind in custom()}
        for place, document in chart.everything():
            if document["kind"] == "Rollout":
                # Its pods as those of a Deployment.
                spec = {key: document["spec"][key] for key in ("selector", "template")}
                document = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": document["metadata"], "spec": spec}
            if document["kind"] not in ours:
                with self.subTest(place=place):
                    kubernetes_validate.validate(document, VERSIONS[-1], strict=True)

    def test_every_custom_resource_has_a_schema_and_is_used(self):
        builtin = ("v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1")
        used = {(document["apiVersion"], document["kind"]) for _, document in chart.everything()}
        self.assertEqual({one for one in used if one[0] not in builtin}, set(custom()))

    def test_a_mistake_would_be_noticed(self):
        rollout = custom()[("argoproj.io/v1alpha1", "Rollout")]
        self.assertIs(rollout["properties"]["spec"]["properties"]["strategy"]["additionalProperties"], False)
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"prots": []}}, VERSIONS[-1], strict=True)


if __name__ == "__main__":
    unittest.main()
