"""The chart against the programs that it starts: their configuration, arguments, ports and sessions."""

import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import tomllib
import unittest
import urllib.request

import yaml

import chart
from test_values import given

COMPONENTS = {"fetcher": 7401, "validator": 7402, "loader": 7403, "archive": 7404, "replayer": 7405, "query-api": 7400}


def configurations():
    """Each configuration file that is rendered, with its case and the program that reads it."""
    for file in chart.MATRIX["kansoku"]:
        for document in chart.rendered("kansoku", file):
            for key, content in document.get("data", {}).items() if document["kind"] == "ConfigMap" else []:
                if key.endswith(".toml"):
                    yield file, key.removesuffix(".toml"), content


def run(*command, **more):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, **more)


def certificate(folder):
    """A certificate that signs itself, its key, and the same as an authority's, as cert-manager names them."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=here", "-days", "2"]
    done = run(*command, "-out", folder / "tls.crt", "-keyout", folder / "tls.key")
    assert done.returncode == 0, done.stderr
    (folder / "ca.crt").write_text((folder / "tls.crt").read_text())


def source(path):
    return (chart.ROOT / path).read_text()


class Programs(unittest.TestCase):
    def need(self, name):
        found = chart.program(name)
        if not found:
            self.skipTest(f"{name} is not built ('make build')")
        return found

    def test_the_programs_accept_their_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "schemas").mkdir()
            certificate(folder)
            checked = set()
            for place, program, content in configurations():
                path = self.need(program)
                ca = given("kansoku", place)["postgres"]["caKey"]
                mounts = self.mounted(place, program, "postgres")
                self.assertEqual(mounts, {"/run/secrets/postgres/url", *([f"/run/secrets/postgres/{ca}"] if ca else [])} if "[postgres]" in content else set(), f"{place}: {program}")
                (folder / "postgres").write_text("postgres://kansoku:p@h:5432/kansoku" + (f"?sslmode=verify-full&sslrootcert={folder / ca}" if ca else ""))
                # Who says nothing else has the Redis of kansoku-servers, which is plain.
                (folder / "redis").write_text("rediss://h:6379/\n" if given("kansoku", place)["tls"]["redis"] else "redis://h:6379/\n")
                file = folder / f"{program}.toml"
                # What a pod mounts lies in this folder here.
                for mount, here in (("/run/secrets/postgres/url", "postgres"), ("/run/secrets/redis/url", "redis"), ("/schemas", "schemas"),
                                    ("/run/secrets/tls/ca.crt", "ca.crt"), ("/run/secrets/tls/tls.crt", "tls.crt"), ("/run/secrets/tls/tls.key", "tls.key")):
                    content = content.replace(f'"{mount}"', f'"{folder / here}"')
                file.write_text(content)
                done = run(path, "--config", file, "--check")
                self.assertEqual((done.returncode, done.stderr), (0, ""), f"{place}: {program}")
                checked.add(program)
            self.assertEqual(checked, set(COMPONENTS))

    def mounted(self, file, component, volume):
        """The files of a Secret that a component's pods see."""
        _, _, template = next(found for found in chart.pods() if found[0].startswith(f"kansoku/{file}: ") and found[1]["metadata"]["name"] == f"kansoku-{component}")
        paths = {mount["name"]: mount["mountPath"] for mount in template["spec"]["containers"][0]["volumeMounts"]}
        return {f"{paths[one['name']]}/{item['path']}" for one in template["spec"]["volumes"] if one["name"] == volume for item in one["secret"]["items"]}

    def test_a_migration_sees_what_the_services_see_of_postgres(self):
        for file in chart.MATRIX["kansoku"]:
            self.assertEqual(self.mounted(file, "migrate", "postgres"), self.mounted(file, "loader", "postgres"), file)

    def test_a_wrong_key_would_be_noticed(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write("[batch]\npaiges = 64.0\n")
            file.flush()
            self.assertIn("batch.paiges: unknown key", run(self.need("validator"), "--config", file.name, "--check").stderr)

    def test_configurations_are_toml_without_fractions(self):
        def numbers(value):
            return [value] if not isinstance(value, (dict, list)) else [number for inner in (value.values() if isinstance(value, dict) else value) for number in numbers(inner)]
        for place, program, content in configurations():
            self.assertFalse([number for number in numbers(tomllib.loads(content)) if isinstance(number, float)], f"{place}: {program}")

    def test_the_programs_know_their_arguments(self):
        known = {"fetcher": ["run"], "archive": ["keep"], "validator": [], "loader": [], "replayer": [], "query-api": [], "topology": ["apply"], "migrate": ["migrate"], "test": ["runs"]}
        for _, document, template in chart.pods():
            container = template["spec"]["containers"][0]
            if container["name"] not in known or document["metadata"]["labels"]["app.kubernetes.io/name"] != "kansoku":
                continue
            program = self.need({"migrate": "loader", "test": "kansoku"}.get(container["name"], container["name"]))
            self.assertEqual(run(program, *known[container["name"]], "--help").returncode, 0, container["name"])
            words = [word for word in container["args"] if word not in ("--config", f"/config/{container['name']}.toml")]
            self.assertEqual(words[:1], known[container["name"]][:1], container["name"])
            options = run(program, *words[:1], "--help").stdout
            for option in (word for word in words if word.startswith("--")):
                self.assertIn(option, options, container["name"])

    def test_ports_are_those_of_the_programs(self):
        for place, program, content in configurations():
            listen = tomllib.loads(content)["http"]["listen"]
            self.assertEqual(listen, f"0.0.0.0:{COMPONENTS[program]}", place)
        example = tomllib.loads(source("compose/config/query-api.toml"))
        self.assertEqual(example["admin"]["listen"], "0.0.0.0:7410")

    def test_versions_are_one(self):
        version = re.search(r'(?m)^version = "([^"]+)"', source("Cargo.toml")).group(1)
        for name in chart.MATRIX:
            self.assertIn(f"\nversion: {version}\nappVersion: {version}\n", source(f"deploy/helm/{name}/Chart.yaml"))

    def test_sessions_are_those_that_a_process_may_open(self):
        pools = [int(number) for number in re.findall(r"max_connections\((\d+)\)", source("loader/src/store/connect.rs"))]
        self.assertEqual(pools, [4], "loader: its pool; one session more makes derived tables")
        self.assertIn("COMMAND_SESSIONS: u32 = 2;", source("query-api/src/database.rs"))
        self.assertEqual(len(re.findall(r"PgPoolOptions::new\(\)\.max_connections\(1\)", source("replayer/src/wake.rs"))), 1)
        self.assertEqual(source("replayer/src/replayer.rs").count("session::connect("), 1, "replayer: one works, one hears of work")
        facts = source("deploy/helm/kansoku/templates/_names.tpl")
        for line in ("user: loader, postgres: true, sessions: 5}", "schemas: true, sessions: 2}", "sessions: {{ add .Values.queryApi.config.postgres.max_connections 2 }}}"):
            self.assertIn(line, facts)

    def test_the_most_pods_fit_into_the_connections(self):
        """The sum anew, from what is rendered, at the edge: one connection less is refused."""
        for file in chart.MATRIX["kansoku"]:
            documents = chart.rendered("kansoku", file)
            most = {}
            for document in documents:
                component = document["metadata"]["labels"].get("app.kubernetes.io/component")
                if document["kind"] in ("Deployment", "Rollout"):
                    most[component] = max(most.get(component, 0), document["spec"].get("replicas", 0))
                elif document["kind"] == "ScaledObject":
                    most[component] = document["spec"]["maxReplicaCount"]
                elif document["kind"] == "HorizontalPodAutoscaler":
                    most[component] = document["spec"]["maxReplicas"]
            needed = 1 + (most["loader"] + 1) * 5 + (most["replayer"] + 1) * 2 + (most["query-api"] + 1) * (8 + 2)
            chart.text("kansoku", file, values={"postgres": {"connections": needed}})
            with self.assertRaises(chart.Refused) as refused:
                chart.text("kansoku", file, values={"postgres": {"connections": needed - 1}})
            self.assertIn(f"are not enough for {needed}", str(refused.exception))
            # Staging's server grants what the other chart starts it with, less three for its owner.
            self.assertLessEqual(needed, 97)

    def test_each_stream_is_kept_on_as_many_servers_as_there_are(self):
        for file in ("values-staging.yaml", "values-production.yaml"):
            jobs = [document for document in chart.rendered("kansoku", file) if document["kind"] == "Job" and document["metadata"]["name"].endswith("-topology")]
            args = jobs[0]["spec"]["template"]["spec"]["containers"][0]["args"]
            servers = [document["spec"]["replicas"] for document in chart.rendered("kansoku-servers", file)
                       if document["kind"] == "StatefulSet" and document["metadata"]["name"].endswith("-nats")]
            self.assertEqual([int(args[at + 1]) for at, word in enumerate(args) if word == "--replicas"], servers, file)

    def test_streams_fit_into_what_a_server_may_fill(self):
        # GB is GiB to nats-server.
        account = int(re.search(r"ACCOUNT_GB: u64 = (\d+);", source("nats/src/server_conf.rs")).group(1)) << 30
        server = int(re.search(r"max_file_store: (\d+)GB", source("nats/server.conf")).group(1)) << 30
        sizes = {path.stem: json.loads(path.read_text())["max_bytes"] for path in (chart.ROOT / "nats/streams").glob("*.json")}
        # Also the example, which somebody copies.
        example = re.search(r"other sizes of streams: (\{[^}]*\})", source("deploy/helm/kansoku/values.yaml")).group(1)
        cases = [("the example of values.yaml", yaml.safe_load(example))]
        for file in chart.MATRIX["kansoku"]:
            cases.append((file, given("kansoku", file)["hooks"]["topology"]["maxBytes"]))
        for place, other in cases:
            self.assertLess(sum((sizes | other).values()), account, place)
        for file in chart.MATRIX["kansoku-servers"]:
            storage = int(given("kansoku-servers", file)["nats"]["storage"].removesuffix("Gi")) << 30
            self.assertGreater(storage, server * 1.1, f"{file}: the disk has no headroom")
            self.assertLess(storage, server * 1.5, f"{file}: the server never fills it")

    def test_a_server_of_nats_takes_its_configuration(self):
        server, topology = chart.ROOT / ".tools/bin/nats-server", self.need("topology")
        if not server.exists():
            self.skipTest("nats-server is not here ('make setup')")
        for file in chart.MATRIX["kansoku-servers"]:
            documents = chart.rendered("kansoku-servers", file)
            pod = next(document for document in documents if document["kind"] == "StatefulSet" and document["metadata"]["name"].endswith("-nats"))["spec"]["template"]["spec"]
            nats, init = pod["containers"][0], pod["initContainers"][0]
            with tempfile.TemporaryDirectory() as folder:
                # Folders as they are mounted, beneath one of this test.
                for mount in nats["volumeMounts"] + init["volumeMounts"]:
                    pathlib.Path(folder + mount["mountPath"]).mkdir(exist_ok=True)
                if "--tls-cert" in init["args"]:
                    certificate(pathlib.Path(folder + "/tls"))
                args = [folder + word if word.startswith("/") else word.replace("0.0.0.0", "127.0.0.1") for word in init["args"]]
                done = run(topology, *args)
                self.assertEqual(done.returncode, 0, done.stderr)
                # A second pod finds the same keys, which it cannot write.
                pathlib.Path(folder + "/keys").chmod(0o500)
                mount = next(mount["mountPath"] for mount in nats["volumeMounts"] if mount["name"] == "config")
                config = next(document for document in documents if document["kind"] == "ConfigMap")["data"]["nats.conf"]
                main = pathlib.Path(folder + mount, "nats.conf")
                main.write_text(config.replace('"/conf/', f'"{folder}/conf/'))
                self.assertEqual(nats["command"], ["nats-server", "-c", f"{mount}/nats.conf"])
                done = run(server, "-t", "-c", main, env={**os.environ, "POD_NAME": "kansoku-nats-0"})
                self.assertEqual(done.returncode, 0, done.stderr)
                self.named(server, main, pathlib.Path(folder + "/conf/server.conf"), "kansoku-nats-0")

    def named(self, server, main, conf, name):
        """Starts it on other ports and reads its own name: the last word wins over that of server.conf."""
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            for free in (one, two, three):
                free.bind(("127.0.0.1", 0))
            client, monitor, cluster = (free.getsockname()[1] for free in (one, two, three))
        conf.write_text(conf.read_text().replace("KANSOKU_PORT: 4222", f"KANSOKU_PORT: {client}").replace("127.0.0.1:8222", f"127.0.0.1:{monitor}"))
        main.write_text(re.sub(r'"nats://[^"]*"', f'"nats://127.0.0.1:{cluster}"', main.read_text().replace("0.0.0.0:6222", f"127.0.0.1:{cluster}")))
        process = subprocess.Popen([server, "-c", main], env={**os.environ, "POD_NAME": name}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    said = urllib.request.urlopen(f"http://127.0.0.1:{monitor}/varz", timeout=2).read().decode()
                    break
                except OSError:
                    self.assertLess(time.monotonic(), deadline, "nats-server did not answer")
                    time.sleep(0.05)
            self.assertIn(f'"server_name": "{name}"', said)
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    unittest.main()
