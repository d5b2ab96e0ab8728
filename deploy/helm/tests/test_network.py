"""Who may speak with whom: exactly this table, and nothing where it says nothing."""

import unittest

import chart

# From a component to what it may reach, beside DNS. Ports are those of the default values.
EGRESS = {
    "fetcher": {4222, 8222, 443}, "archive": {4222, 8222}, "validator": {4222, 8222}, "loader": {4222, 8222, 5432}, "replayer": {4222, 8222, 5432},
    "query-api": {5432, 6379}, "migrate": {5432}, "topology": {4222, 8222}, "test": {7400},
}
INGRESS = {"fetcher": {7401}, "archive": {7404}, "validator": {7402}, "loader": {7403}, "replayer": {7405}, "query-api": {7400, 7410}}
SERVERS = {"nats": ({4222, 8222, 6222}, {6222}), "postgres": ({5432}, set()), "redis": ({6379}, set()), "upstream": ({7450}, set())}
DNS = {53}


def policies(chart_name, file):
    found = [document for document in chart.rendered(chart_name, file) if document["kind"] == "NetworkPolicy"]
    return {document["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component"): document["spec"] for document in found}


def ports(rules):
    return {port["port"] for rule in rules for port in rule["ports"]}


class Network(unittest.TestCase):
    def test_nothing_is_allowed_unless_it_is_said(self):
        for name, file in chart.CASES:
            documents = chart.rendered(name, file)
            if "single" in file:
                self.assertFalse(any(document["kind"] == "NetworkPolicy" for document in documents), "network.enabled is off")
                continue
            policy = policies(name, file)[None]
            self.assertEqual(policy["policyTypes"], ["Ingress", "Egress"])
            self.assertNotIn("ingress", policy)
            self.assertNotIn("egress", policy)
            for document in documents:
                if template := chart.pod_template(document):
                    chosen = policy["podSelector"]["matchLabels"]
                    self.assertTrue(all(template["metadata"]["labels"].get(key) == value for key, value in chosen.items()), document["metadata"]["name"])

    def test_each_component_reaches_what_it_needs_and_no_more(self):
        found = policies("kansoku", "ci/smallest-values.yaml")
        self.assertEqual(set(found) - {None}, set(EGRESS))
        for component, wanted in EGRESS.items():
            self.assertEqual(ports(found[component]["egress"]), wanted | DNS, component)
            self.assertEqual(ports(found[component].get("ingress", [])), INGRESS.get(component, set()), component)
            for rule in found[component]["egress"]:
                self.assertTrue(rule["to"], f"{component}: a rule without peers allows everybody")
            for rule in found[component].get("ingress", []):
                self.assertTrue(rule["from"], f"{component}: a rule without peers allows everybody")

    def test_only_the_fetcher_leaves_the_cluster(self):
        for file in chart.MATRIX["kansoku"]:
            for component, policy in policies("kansoku", file).items():
                open_ = [peer for rule in policy.get("egress", []) for peer in rule["to"] if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"]
                self.assertTrue(not open_ or component == "fetcher", f"{file}: {component}")
                # Not even the fetcher reaches the address of cloud metadata.
                self.assertTrue(all("169.254.0.0/16" in peer["ipBlock"]["except"] for peer in open_))

    def test_traces_go_to_the_collector(self):
        found = policies("kansoku", "ci/everything-values.yaml")
        for component in INGRESS:
            self.assertIn(4317, ports(found[component]["egress"]), component)

    def test_servers_answer_and_do_not_ask(self):
        found = policies("kansoku-servers", "values-staging.yaml")
        self.assertEqual(set(found) - {None}, set(SERVERS))
        for server, (answers, asks) in SERVERS.items():
            self.assertEqual(ports(found[server]["ingress"]), answers, server)
            self.assertEqual(ports(found[server].get("egress", [])) - DNS, asks, server)

    def test_the_two_charts_meet(self):
        """What the one asks for is what the other answers, by label, name and port."""
        ours = policies("kansoku", "values-staging.yaml")
        labels = {document["metadata"]["labels"]["app.kubernetes.io/component"]: chart.pod_template(document)["metadata"]["labels"]
                  for document in chart.rendered("kansoku-servers", "values-staging.yaml") if chart.pod_template(document)}
        met = set()
        for component, policy in ours.items():
            for rule in policy.get("egress", []):
                for peer in rule["to"]:
                    wanted = peer.get("podSelector", {}).get("matchLabels", {})
                    if wanted.get("app.kubernetes.io/name") != "kansoku-servers":
                        continue
                    server = wanted["app.kubernetes.io/component"]
                    self.assertTrue(all(labels[server].get(key) == value for key, value in wanted.items()), f"{component} → {server}")
                    self.assertLessEqual({port["port"] for port in rule["ports"]}, SERVERS[server][0], f"{component} → {server}")
                    met.add(server)
        self.assertEqual(met, set(SERVERS))


if __name__ == "__main__":
    unittest.main()
