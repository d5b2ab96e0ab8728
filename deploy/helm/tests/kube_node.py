"""The charts on a real node, with the programs that are built here: the main job, an upgrade under load, and what may fail."""

import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

import chart
import images
import node

SPACE = "pipeline"
NEEDED = ["containerd", "runc", "ctr", "redis-server", "redis-cli", "iptables", "ip", "gcc"]


class Load(threading.Thread):
    """Asks the API again and again, and counts."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.answered, self.lost, self.over = url, 0, [], threading.Event()

    def run(self):
        while not self.over.wait(0.03):
            try:
                urllib.request.urlopen(self.url, timeout=10).read()
                self.answered += 1
            except OSError as error:
                self.lost.append(str(error))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(30)


@unittest.skipUnless(os.getuid() == 0, "a kubelet runs as root")
class OnANode(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        missing = [name for name in NEEDED if not shutil.which(name)] + images.missing()
        if missing:
            raise unittest.SkipTest(f"not here: {', '.join(missing)} ('make build' makes the programs)")
        cls.kube = cls.enterClassContext(node.Node())
        cls.kube.kubectl("create", "namespace", SPACE)
        cls.kube.kubectl("label", "namespace", SPACE, "pod-security.kubernetes.io/enforce=restricted")
        # A claim takes the smallest that will do: Postgres' asks for 10 GiB, the others for more.
        cls.kube.volume("tables", "10Gi", 70)
        for number in range(4):
            cls.kube.volume(f"volume-{number}", "30Gi", 65532)
        with tempfile.TemporaryDirectory() as keys:
            subprocess.run([chart.program("topology"), "keys", "--keys", pathlib.Path(keys) / "k"], check=True, capture_output=True)
            cls.secret("kansoku-nats-keys", f"--from-file={keys}/k")
        word = secrets.token_hex(16)
        cls.secret("kansoku-postgres", f"--from-literal=password={word}", f"--from-literal=url=postgres://kansoku:{word}@kansoku-servers-postgres:5432/kansoku")
        cls.secret("kansoku-redis", "--from-literal=url=redis://kansoku-servers-redis:6379/")

    @classmethod
    def secret(cls, name, *contents):
        cls.kube.kubectl("create", "secret", "generic", name, "-n", SPACE, *contents)

    def helm(self, verb, release, *more, check=True):
        folder = chart.CHARTS / release
        done = self.kube.helm(verb, release, folder, "-n", SPACE, "-f", folder / "values-staging.yaml", "--timeout", "300s", "--wait", *more, check=False)
        if check and done.returncode:
            state = self.kube.kubectl("get", "pods,events", "-n", SPACE, check=False).stdout
            raise AssertionError(f"{done.stderr}\n{state}\n" + "\n".join(f"{file}: {file.read_text()[-800:]}" for file in self.kube.folder.glob("logs/*/*/*.log")))
        return done

    def capture(self):
        done = self.kube.kubectl("exec", "-n", SPACE, "deploy/kansoku-fetcher", "--", "fetcher", "--config", "/config/fetcher.toml", "once", "top.score", check=False)
        return done.stdout + done.stderr

    def api(self, path):
        address = self.kube.get("service", "kansoku-query-api", "-n", SPACE)["spec"]["clusterIP"]
        return f"http://{address}{path}"

    def images(self):
        return {pod["spec"]["containers"][0]["image"] for pod in self.kube.get("pods", "-n", SPACE, "-l", "app.kubernetes.io/name=kansoku")["items"] if pod["status"]["phase"] == "Running"}

    def sql(self, text):
        return self.kube.kubectl("exec", "-n", SPACE, "kansoku-servers-postgres-0", "--", "psql", "-U", "kansoku", "-d", "kansoku", "-XAtc", text).stdout.strip()

    def rows(self):
        return int(self.sql("SELECT count(*) FROM observation"))

    def test_the_charts_do_their_job(self):
        def said(words):
            print(f"  {time.strftime('%H:%M:%S')} {words}", flush=True)
        self.helm("install", "kansoku-servers")
        said("NATS runs as a cluster of three, beside it Postgres, Redis and the upstream")
        self.helm("install", "kansoku")
        said("the services are ready")
        self.assertIn("top.score: complete", self.capture())
        self.kube.wait(lambda: self.rows() > 400, "a capture in the tables", 120)
        said(f"a capture is stored: {self.rows()} rows")
        body = json.loads(urllib.request.urlopen(self.api("/api/v1/runs"), timeout=10).read())
        self.assertIn("top.score", json.dumps(body))
        self.assertIn("<!doctype html", urllib.request.urlopen(self.api("/"), timeout=10).read().decode().lower())
        self.assertIn("Succeeded", self.kube.helm("test", "kansoku", "-n", SPACE, "--timeout", "120s").stdout)
        said("helm test passed")

        # Somebody changed a migration that ran: the next one refuses, and what runs goes on.
        checksum = self.sql("SELECT encode(checksum, 'hex') FROM _sqlx_migrations WHERE version = 1")
        self.sql("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1")
        failed = self.helm("upgrade", "kansoku", "--set", "image.tag=0.2.0,hooks.retries=0", check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("migrate", failed.stderr)
        self.assertIn("migration 1 was previously applied but has been modified", self.kube.kubectl("logs", "-n", SPACE, "job/kansoku-migrate").stdout)
        self.assertTrue(all(image.endswith(":0.1.0") for image in self.images()))
        self.assertEqual(urllib.request.urlopen(self.api("/api/v1/runs"), timeout=10).status, 200)
        self.sql(f"UPDATE _sqlx_migrations SET checksum = '\\x{checksum}' WHERE version = 1")
        said("a migration that fails stops the upgrade and nothing else")

        with Load(self.api("/api/v1/runs")) as load:
            self.helm("upgrade", "kansoku", "--set", "image.tag=0.2.0")
            self.kube.wait(lambda: all(image.endswith(":0.2.0") for image in self.images()), "an end of the old pods", 120)
        self.assertEqual(load.lost, [])
        self.assertGreater(load.answered, 50)
        said(f"an upgrade under load: {load.answered} requests, none lost")

        self.kube.kubectl("delete", "pod", "kansoku-servers-nats-0", "-n", SPACE)
        self.kube.kubectl("rollout", "status", "statefulset/kansoku-servers-nats", "-n", SPACE, "--timeout=180s")
        before = self.rows()
        self.kube.wait(lambda: "top.score: complete" in self.capture(), "a capture after it", 180)
        self.assertGreaterEqual(self.rows(), before)
        said("a server of NATS was deleted, and the next capture is complete")

        self.kube.helm("rollback", "kansoku", "1", "-n", SPACE, "--wait", "--timeout", "300s")
        self.kube.wait(lambda: all(image.endswith(":0.1.0") for image in self.images()), "the version before", 120)
        self.kube.helm("uninstall", "kansoku", "-n", SPACE, "--wait")
        self.assertGreaterEqual(self.rows(), before, "tables stay")
        said("rolled back, and removed")


if __name__ == "__main__":
    unittest.main()
