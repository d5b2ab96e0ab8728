"""Each value does something, the schema knows all of them and nothing else, and mistakes are answered clearly."""

import copy
import json
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import chart

# Helm itself reads these.
OF_HELM = {"enabled"}
# Asks a cluster and changes nothing of what is rendered: `make kube-test` holds it.
OF_CLUSTERS = {("checkSecrets",)}
# What another value of a leaf may be, where its form is not free.
OTHERS = {"ClusterIP": "NodePort", "Issuer": "ClusterIssuer", "IfNotPresent": "Always", "ClusterSecretStore": "SecretStore", "sample": "mal", "mal": "sample", "Equal": "Exists"}


def merged(under, over):
    """As helm merges values."""
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return copy.deepcopy(over)
    return {key: merged(under.get(key), over[key]) if key in over else copy.deepcopy(under[key]) for key in {**under, **over}}


def leaves(value, path=()):
    """All values that are not made of others; an empty list or map is one."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, path + (key,))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, path + (place,))
    else:
        yield path, value


def others(path, value):
    """Other values that might do in the place of one."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, value + 2, 1]
    if isinstance(value, float):
        return [value / 2]
    if isinstance(value, list):
        return [[{"name": "other"}], [{"podSelector": {"matchLabels": {"a": "b"}}}], ["other"]]
    if isinstance(value, dict):
        return [{"other": "other"}, {"RAW": 1 << 30}, {"loader": "sha256:" + "1" * 64}]
    if value in OTHERS:
        return [OTHERS[value]]
    return [value + "x", value.replace("1", "2"), "other", "31m", "31Gi", "31mb", "NoExecute", "https://other/{trace_id}", "http://other:4317", "other.example.org:4317",
            "/run/secrets/upstream/other", "sha256:" + "1" * 64]


def changed(values, path, other):
    """The values with another one at a path."""
    values = copy.deepcopy(values)
    place = values
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = other
    return values


def given(name, file):
    """All values of a case, as helm merges them."""
    folder = chart.CHARTS / name
    return merged(yaml.safe_load((folder / "values.yaml").read_text()), yaml.safe_load((folder / file).read_text()) or {})


def schema(name):
    return json.loads((chart.CHARTS / name / "values.schema.json").read_text())


def known(node, definitions, path=()):
    """Every key that a schema names; `*` stands for an element."""
    while "$ref" in node:
        node = definitions[node["$ref"].rsplit("/", 1)[1]]
    for key, inner in node.get("properties", {}).items():
        yield path + (key,)
        yield from known(inner, definitions, path + (key,))
    if "items" in node:
        yield from known(node["items"], definitions, path + ("*",))


class Values(unittest.TestCase):
    def test_no_value_is_dead(self):
        for name, files in chart.MATRIX.items():
            cases = [(given(name, file), chart.text(name, values=given(name, file))) for file in reversed(files[:2])]
            paths = {path: None for values, _ in cases for path, _ in leaves(values)}
            # A list that one case leaves empty is looked at in the other.
            paths = [path for path in paths if path not in OF_CLUSTERS and not any(len(other) > len(path) and other[:len(path)] == path for other in paths)]
            dead = [".".join(map(str, path)) for path in paths if not self.lives(name, path, cases)]
            self.assertEqual(dead, [], f"{name}: a change of these changes nothing")
            self.assertGreater(len(paths), 30, "the test looked at something")

    def lives(self, name, path, cases):
        for values, before in cases:
            value = dict(leaves(values)).get(path)
            if path not in dict(leaves(values)):
                continue
            for other in others(path, value):
                try:
                    if chart.text(name, values=changed(values, path, other)) != before:
                        return True
                except chart.Refused as refused:
                    # Of another form than the schema takes: try the next. A check of the chart is an effect too.
                    if "execution error" in str(refused):
                        return True
        return False

    def test_the_schema_is_strict_everywhere(self):
        def loose(node, path):
            if isinstance(node, dict):
                if "properties" in node and node.get("additionalProperties") is not False and path != ("properties", "global"):
                    yield path
                for key, inner in node.items():
                    yield from loose(inner, path + (key,))
        for name in chart.MATRIX:
            self.assertEqual(list(loose(schema(name), ())), [])

    def test_what_the_schema_knows_is_in_the_values(self):
        optional = {"peers", "resources", "toleration", "selector", "enabled", "server_key_file"}
        for name, files in chart.MATRIX.items():
            cases = [given(name, file) for file in files]
            there = {tuple("*" if isinstance(key, int) else key for key in path[:end])
                     for values in cases for path, _ in leaves(values) for end in range(1, len(path) + 1)}
            document = schema(name)
            missing = {path for path in known(document, document["$defs"]) if path not in there}
            missing = {path for path in missing if not (OF_HELM & {path[-1]} and len(path) == 1)}
            # What Kubernetes itself lets one leave out, of a toleration and a peer.
            missing = {path for path in missing if not {"tolerations", "matchExpressions", "ipBlock", "matchLabels", "podSelector", "namespaceSelector"} & set(path)}
            self.assertEqual(missing, set(), name)

    def test_a_typo_is_named(self):
        for name, values, words in [
            ("kansoku", {"loader": {"replcas": 3}}, ["/loader", "replcas"]),
            ("kansoku", {"queryApi": {"config": {"limits": {"brust": 3}}}}, ["/queryApi/config/limits", "brust"]),
            ("kansoku", {"postgress": {}}, ["postgress"]),
            ("kansoku", {"loader": {"replicas": "three"}}, ["/loader/replicas"]),
            ("kansoku", {"keda": {"natsMonitor": "nats:8222"}}, ["/keda/natsMonitor"]),
            ("kansoku", {"image": {"tag": "latest"}}, ["/image/tag"]),
            ("kansoku", {"image": {"digests": {"laoder": "sha256:" + "0" * 64}}}, ["/image/digests", "laoder"]),
            ("kansoku-servers", {"nats": {"replicas": 2}}, ["/nats/replicas"]),
            ("kansoku-servers", {"nats": {"storage": "5Gi"}}, ["/nats/storage"]),
        ]:
            with self.subTest(words=words), self.assertRaises(chart.Refused) as refused:
                chart.text(name, chart.MATRIX[name][0], values=values)
            for word in words:
                self.assertIn(word, str(refused.exception))

    def test_what_cannot_work_is_refused(self):
        for values, words in [
            ({"fetcher": {"config": {"upstream": []}}}, "fetcher.config.upstream: name at least one base URL"),
            ({"fetcher": {"config": {"client": {"contact": ""}}}}, "fetcher.config.client.contact: give an address"),
            ({"loader": {"replicas": 30}}, "postgres.connections: 90 are not enough for 190: 1 of the job `migrate`, 31 × 5 of loader"),
            ({"keda": {"enabled": True, "loader": {"maxReplicas": 40}}}, "41 × 5 of loader"),
            ({"keda": {"loader": {"minReplicas": 9}}}, "keda.loader: minReplicas 9 is more than maxReplicas 4"),
            ({"queryApi": {"autoscaling": {"minReplicas": 9}}}, "queryApi.autoscaling: minReplicas 9 is more"),
            ({"queryApi": {"preStopSeconds": 20}}, "pods.terminationGracePeriodSeconds: 30 is too short"),
            ({"tls": {"enabled": True}}, "nats.url: nats://kansoku-servers-nats:4222 is without TLS, and tls.enabled is true"),
            ({"tls": {"enabled": True}, "nats": {"url": "tls://a:4222"}}, "tls.issuer.name: say which issuer"),
            ({"tls": {"enabled": True, "api": True}, "nats": {"url": "tls://a:4222"}, "queryApi": {"httpRoute": {"enabled": True}}}, "tls.api: queryApi.httpRoute sends plain HTTP"),
            ({"externalSecrets": {"enabled": True}}, "externalSecrets.store.name: say which store"),
        ]:
            with self.subTest(words=words), self.assertRaises(chart.Refused) as refused:
                chart.text("kansoku", "ci/smallest-values.yaml", values=values)
            self.assertIn(words, str(refused.exception))

    def test_it_works_as_a_part_of_another_chart(self):
        with tempfile.TemporaryDirectory() as folder:
            parent = pathlib.Path(folder)
            names = list(chart.MATRIX)
            parts = [{"name": name, "version": "0.1.0", "repository": f"file://{chart.CHARTS / name}", "condition": f"{name}.enabled"} for name in names]
            (parent / "Chart.yaml").write_text(json.dumps({"apiVersion": "v2", "name": "parent", "version": "1.0.0", "dependencies": parts}))
            (parent / "charts").mkdir()
            for name in names:
                (parent / "charts" / name).symlink_to(chart.CHARTS / name)

            def render(on):
                own = merged(given("kansoku", "ci/smallest-values.yaml"), {"enabled": on})
                values = {"global": {"imageRegistry": "parent.example.org", "of-the-parent": 1}, "kansoku": own, "kansoku-servers": {"enabled": on}}
                done = subprocess.run([chart.HELM, "template", "k", parent, "--values", "-"], input=json.dumps(values), capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                return done.stdout
            self.assertIn('image: "parent.example.org/kansoku-loader:0.1.0"', render(True))
            self.assertIn('image: "parent.example.org/kansoku-topology:0.1.0"', render(True))
            self.assertEqual(list(filter(None, yaml.safe_load_all(render(False)))), [])


if __name__ == "__main__":
    unittest.main()
