"""Rules are those that are tested elsewhere, the canary's queries decide as they should, and nothing grows while Postgres is away."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import chart

RULES = chart.ROOT / "observability/prometheus/rules"
VERSION = "5c9f"
LABELS = f'job="query-api", rollouts_pod_template_hash="{VERSION}", http_route="/api/v1/rankings"'


def documents(kind):
    return [document for document in chart.rendered("kansoku", "ci/everything-values.yaml") if document["kind"] == kind]


def series(good="0+60x60", failed="0x60", within="0+60x60", all_="0+60x60"):
    """A version's requests, a minute a sample."""
    bucket = f"http_server_request_duration_seconds_bucket{{{LABELS}, le="
    count = f"http_server_request_duration_seconds_count{{{LABELS}, http_response_status_code="
    return [{"series": f'{bucket}"0.25"}}', "values": within}, {"series": f'{bucket}"1.0"}}', "values": all_}, {"series": f'{bucket}"+Inf"}}', "values": all_},
            {"series": f'{count}"200"}}', "values": good}, {"series": f'{count}"500"}}', "values": failed}]


class Monitoring(unittest.TestCase):
    def test_rules_are_those_of_observability(self):
        folder = chart.CHARTS / "kansoku/files/rules"
        self.assertEqual({file.name for file in RULES.iterdir()}, {file.name for file in folder.iterdir()})
        for file in RULES.iterdir():
            self.assertEqual((folder / file.name).read_text(), file.read_text(), f"{file.name}: 'make generate' copies it into the chart")
        rendered = {document["metadata"]["name"]: document["spec"] for document in documents("PrometheusRule")}
        for file in RULES.iterdir():
            self.assertEqual(rendered[f"kansoku-{file.stem}"], yaml.safe_load(file.read_text()))

    def test_an_archive_that_is_left_out_is_not_missed(self):
        def absent(values):
            files = chart.documents("kansoku", "ci/everything-values.yaml", values=values)
            rules = next(file["spec"] for file in files if file["metadata"]["name"] == "kansoku-alerts")
            expr = next(rule["expr"] for rule in rules["groups"][0]["rules"] if rule["alert"] == "TargetAbsent")
            return re.findall('absent[(]up[{]job="([a-z-]+)"[}][)]', expr)

        self.assertEqual(absent({}), ["fetcher", "archive", "validator", "loader", "replayer", "query-api"])
        self.assertEqual(absent({"archive": {"enabled": False}}), ["fetcher", "validator", "loader", "replayer", "query-api"])

    def test_jobs_are_those_that_rules_name(self):
        monitor = documents("ServiceMonitor")[0]["spec"]
        self.assertEqual(monitor["jobLabel"], "app.kubernetes.io/component")
        services = {document["metadata"]["labels"]["app.kubernetes.io/component"]: document for document in documents("Service")}
        self.assertEqual(set(services), {"fetcher", "archive", "validator", "loader", "replayer", "query-api"})
        for component, service in services.items():
            self.assertIn("metrics", [port["name"] for port in service["spec"]["ports"]], component)

    def queries(self):
        metrics = documents("AnalysisTemplate")[0]["spec"]["metrics"]
        return {metric["name"]: (metric["provider"]["prometheus"]["query"].replace("{{args.version}}", VERSION), metric) for metric in metrics}

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not here ('make observe' brings it)")
    def test_the_queries_of_the_canary(self):
        """By promtool: what each query answers for a version that is good, fails, is slow, idles or is not there."""
        cases = {
            "good": (series(), 0.0, 0.2375),
            "5 % fail": (series(good="0+57x60", failed="0+3x60"), 0.05, 0.2375),
            "slow": (series(within="0+48x60"), 0.0, 0.8125),
            "too few": (series(good="0+3x60", within="0+3x60", all_="0+3x60"), None, None),
            "not there": ([], None, None),
        }
        names = list(self.queries())
        self.assertEqual(names, ["error-ratio", "p95"])
        tests = []
        for case, (given, *wanted) in cases.items():
            tests.append({"name": case, "interval": "1m", "input_series": given, "promql_expr_test": [
                {"expr": f"round({query}, 0.0001)", "eval_time": "30m", "exp_samples": [] if value is None else [{"labels": "{}", "value": value}]}
                for (query, _), value in zip(self.queries().values(), wanted)]})
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "tests.yaml"
            file.write_text(yaml.safe_dump({"rule_files": [], "tests": tests}))
            done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_empty_answer_concludes_nothing(self):
        for _, metric in self.queries().values():
            for condition, verdicts in (("successCondition", (True, False)), ("failureCondition", (False, True))):
                words = metric[condition].replace("!isNaN", "not isnan").replace("&&", "and")
                self.assertIn("len(result) > 0", words)
                most = float(words.rsplit(" ", 1)[1])

                def holds(result):
                    return eval(words, {"len": len, "isnan": lambda number: number != number, "result": result})
                self.assertEqual((holds([most]), holds([most * 2])), verdicts)
                self.assertFalse(holds([]) or holds([float("nan")]), "neither success nor failure: inconclusive")
            self.assertGreater(metric["inconclusiveLimit"], 0)

    def test_queries_leave_no_placeholder(self):
        for query, _ in self.queries().values():
            self.assertNotRegex(query, r"\$|#")

    def test_nothing_grows_while_postgres_is_away(self):
        for document in documents("ScaledObject"):
            modifiers, triggers = document["spec"]["advanced"]["scalingModifiers"], {trigger["name"]: trigger for trigger in document["spec"]["triggers"]}
            streams = {name: trigger["metadata"] for name, trigger in triggers.items() if trigger["type"] == "nats-jetstream"}
            condition, away, there = re.fullmatch(r"(.*) \? (.*) : (.*)", modifiers["formula"]).groups()

            def value(lags, postgres):
                names = {**lags, "postgres": postgres, "max": max}
                return eval(away if eval(condition, names) else there, names)
            lags = dict.fromkeys(streams, 100_000)
            self.assertEqual(value(lags, 0), 0)
            self.assertEqual(value(lags, 1), 100_000)
            self.assertEqual(value({**dict.fromkeys(streams, 0), next(iter(streams)): 7}, 1), 7)
            # An answer that is missing is an error, by which nothing grows, and no 0.
            self.assertEqual(triggers["postgres"]["metadata"]["ignoreNullValues"], "false")
            for metadata in streams.values():
                self.assertEqual(metadata["account"], "PIPE")
                consumer = chart.ROOT / f"nats/consumers/{metadata['stream']}.{metadata['consumer']}.json"
                self.assertTrue(consumer.exists(), f"{consumer} is no consumer")

    def test_metrics_are_in_the_catalogue(self):
        known = (chart.ROOT / "observability/metrics.toml").read_text()
        asked = [query for query, _ in self.queries().values()]
        asked += [trigger["metadata"]["query"] for document in documents("ScaledObject") for trigger in document["spec"]["triggers"] if trigger["type"] == "prometheus"]
        for query in asked:
            for name in re.findall(r"\b((?:http|kansoku)_[a-z_]+)\{", query):
                self.assertIn(f'name = "{re.sub("_(bucket|count|sum)$", "", name)}"', known)


if __name__ == "__main__":
    unittest.main()
