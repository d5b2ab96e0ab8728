"""What every pod has to be, whatever the values say: the rules of the house, beside Kubernetes' own."""

import re
import unittest

import chart

OURS = ("fetcher", "archive", "validator", "loader", "replayer", "query-api")


def seconds(name):
    """A constant of the harness of services, in seconds."""
    source = (chart.ROOT / "service/src/run.rs").read_text()
    number, unit = None, None
    if found := re.search(rf"const {name}: Duration = Duration::from_(secs|millis)\((\d+)\)", source):
        unit, number = found.groups()
    assert number, f"{name} is no longer in service/src/run.rs"
    return int(number) / (1000 if unit == "millis" else 1)


def matches(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


class Policy(unittest.TestCase):
    def every(self, check):
        count = 0
        for place, document, template in chart.pods():
            for container in chart.containers(template):
                with self.subTest(place=place, container=container["name"]):
                    check(place, document, template, container)
                    count += 1
        self.assertGreater(count, 40)

    def test_pods_are_restricted(self):
        def check(_, __, template, container):
            spec, pod, own = template["spec"], template["spec"]["securityContext"], container["securityContext"]
            self.assertFalse(any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")))
            self.assertTrue(pod["runAsNonRoot"] and pod["runAsUser"] > 0)
            self.assertEqual(pod["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertEqual(own, {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
            self.assertFalse(any("hostPath" in volume for volume in spec.get("volumes", [])))
            self.assertFalse(any("hostPort" in port for port in container.get("ports", [])))
            self.assertIs(spec["automountServiceAccountToken"], False)
            # Variables of other Services would be read as our configuration.
            self.assertIs(spec["enableServiceLinks"], False)
        self.every(check)

    def test_images_are_pinned(self):
        def check(_, __, ___, container):
            self.assertRegex(container["image"], r"(:[-._a-zA-Z0-9]+|@sha256:[0-9a-f]{64})$")
            self.assertNotRegex(container["image"], r":latest$")
        self.every(check)

    def test_resources_are_bounded(self):
        def check(_, __, ___, container):
            for kind in ("requests", "limits"):
                self.assertEqual(set(container["resources"][kind]), {"cpu", "memory"}, kind)
        self.every(check)

    def test_what_serves_is_probed(self):
        for place, document, template in chart.pods():
            if document["kind"] in ("Job", "Pod"):
                continue
            for container in template["spec"]["containers"]:
                with self.subTest(place=place):
                    self.assertLessEqual({"startupProbe", "livenessProbe", "readinessProbe"}, set(container))
                    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
                    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                        asked = container[probe].get("httpGet") or container[probe].get("tcpSocket")
                        self.assertTrue(asked is None or asked["port"] in ports, probe)
                    if container["name"] in OURS:
                        # A database that is away is no reason to restart what waits for it.
                        self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/livez")
                        self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_a_pod_has_more_time_than_its_drain(self):
        drain = seconds("DRAIN") + seconds("FLUSH")
        for place, _, template in chart.pods():
            for container in template["spec"]["containers"]:
                if container["name"] in OURS and "terminationGracePeriodSeconds" in template["spec"]:
                    waits = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
                    self.assertGreater(template["spec"]["terminationGracePeriodSeconds"], waits + drain, place)

    def test_mounts_volumes_and_configmaps_are_there(self):
        for name, file in chart.CASES:
            documents = chart.rendered(name, file)
            configmaps = {document["metadata"]["name"] for document in documents if document["kind"] == "ConfigMap"}
            for document in documents:
                template = chart.pod_template(document)
                if not template:
                    continue
                volumes = {volume["name"] for volume in template["spec"].get("volumes", [])}
                volumes |= {claim["metadata"]["name"] for claim in document["spec"].get("volumeClaimTemplates", [])}
                mounted = {mount["name"] for container in chart.containers(template) for mount in container.get("volumeMounts", [])}
                self.assertEqual(mounted, volumes, document["metadata"]["name"])
                for volume in template["spec"].get("volumes", []):
                    named = volume.get("configMap", {}).get("name")
                    self.assertTrue(named is None or named in configmaps or named == "kansoku-schemas", named)

    def test_selectors_select(self):
        for name, file in chart.CASES:
            documents = chart.rendered(name, file)
            labels = [template["metadata"]["labels"] for document in documents if (template := chart.pod_template(document))]
            for document in documents:
                spec = document.get("spec", {})
                selector = {
                    "Service": lambda: spec["selector"], "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
                    "NetworkPolicy": lambda: spec["podSelector"].get("matchLabels", {}),
                }.get(document["kind"])
                if selector:
                    self.assertTrue(any(matches(selector(), one) for one in labels), f"{file}: {document['kind']} {document['metadata']['name']}")
                if document["kind"] == "Service":
                    chosen = [document for document in documents if (template := chart.pod_template(document)) and matches(selector(), template["metadata"]["labels"])]
                    self.assertEqual(len(chosen), 1, f"{file}: {document['metadata']['name']}")

    def test_what_has_replicas_spreads_and_has_a_budget(self):
        for name, file in chart.CASES:
            documents = chart.rendered(name, file)
            budgets = [document["spec"]["selector"]["matchLabels"] for document in documents if document["kind"] == "PodDisruptionBudget"]
            for document in documents:
                template = chart.pod_template(document)
                if template and document["kind"] in ("Deployment", "Rollout", "StatefulSet") and document["spec"].get("replicas", 2) > 1:
                    place = f"{file}: {document['metadata']['name']}"
                    self.assertTrue(template["spec"].get("topologySpreadConstraints"), place)
                    self.assertTrue(any(matches(budget, template["metadata"]["labels"]) for budget in budgets), place)

    def test_upgrades_take_no_pod_away_before_another_is_there(self):
        for place, document in chart.everything():
            if document["kind"] == "Deployment" and document["metadata"]["labels"]["app.kubernetes.io/name"] == "kansoku":
                self.assertEqual(document["spec"]["strategy"], {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}, place)

    def test_jobs_end(self):
        for place, document in chart.everything():
            if document["kind"] == "Job":
                self.assertGreater(document["spec"]["activeDeadlineSeconds"], 0, place)
                self.assertEqual(document["metadata"]["annotations"]["helm.sh/hook"], "pre-install,pre-upgrade", place)
                # Whoever reads why a migration failed finds its pod.
                self.assertNotIn("hook-failed", document["metadata"]["annotations"]["helm.sh/hook-delete-policy"], place)

    def test_consumers_are_there_before_what_scales_by_them(self):
        documents = chart.rendered("kansoku", "ci/everything-values.yaml")
        topology = next(document for document in documents if document["metadata"]["name"].endswith("-topology") and document["kind"] == "Job")
        self.assertTrue(topology["metadata"]["annotations"]["helm.sh/hook"].startswith("pre-install"))
        scaled = [document for document in documents if document["kind"] == "ScaledObject"]
        self.assertEqual(len(scaled), 2)
        self.assertFalse(any("helm.sh/hook" in document["metadata"].get("annotations", {}) for document in scaled))

    def test_what_is_asked_from_another_namespace_is_qualified(self):
        """KEDA and Argo Rollouts resolve a name in their own namespace, where a short one is unknown."""
        found = []
        for place, document in chart.everything():
            if document["kind"] == "ScaledObject":
                metadata = [trigger["metadata"] for trigger in document["spec"]["triggers"]]
                found += [(place, one.get("natsServerMonitoringEndpoint") or one["serverAddress"]) for one in metadata]
            elif document["kind"] == "AnalysisTemplate":
                found += [(place, metric["provider"]["prometheus"]["address"]) for metric in document["spec"]["metrics"]]
        self.assertGreaterEqual(len(found), 14)
        for place, address in found:
            self.assertRegex(address, r"^(https?://)?[^./:]+\.[^/:]+:[0-9]+$", place)
        endpoints = {address for _, address in found if address.endswith(":8222")}
        self.assertEqual(endpoints, {"kansoku-servers-nats.pipeline.svc:8222"}, "the release's namespace")

    def test_nothing_secret_is_rendered(self):
        for name, file in chart.CASES:
            text = chart.text(name, file)
            self.assertNotRegex(text, r"(?m)^kind: Secret$", file)
            # Seeds of nkeys, passwords in addresses, private keys.
            self.assertNotRegex(text, r"\bS[UOA][A-Z2-7]{56}\b|://[^/\s:@]*:[^/\s@]+@|BEGIN [A-Z ]*PRIVATE KEY|(?i:password|token|secret)\s*[:=]\s*['\"]?[A-Za-z0-9+/]{8,}['\"]?\s*$", file)


if __name__ == "__main__":
    unittest.main()
