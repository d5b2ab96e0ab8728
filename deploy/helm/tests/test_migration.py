"""The job `migrate` on a real Postgres, as the chart starts it: whole, half-way, and once more."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import chart

BINARIES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))


class Postgres:
    """A server in a folder of its own; Postgres does not run as root."""

    def __init__(self, address="127.0.0.1", trusted="127.0.0.1/32"):
        self.address, self.trusted = address, trusted

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kansoku-helm-"))
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        with socket.socket() as free:
            free.bind((self.address, 0))
            self.port = free.getsockname()[1]
        self.url = f"postgres://kansoku@{self.address}:{self.port}/kansoku"
        subprocess.run([*self.user, BINARIES[-1] / "initdb", "-D", self.folder / "data", "-U", "kansoku", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8"], check=True, capture_output=True)
        with open(self.folder / "data/pg_hba.conf", "a") as rules:
            rules.write(f"host all all {self.trusted} trust\n")
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen([*self.user, BINARIES[-1] / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder, "-h", self.address, "-F"], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while self.sql("CREATE DATABASE kansoku", "postgres").returncode:
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.send_signal(2)
        self.process.wait(60)
        shutil.rmtree(self.folder)

    def sql(self, text, database="kansoku"):
        return subprocess.run([BINARIES[-1] / "psql", "-X", "-At", "-h", self.address, "-p", str(self.port), "-U", "kansoku", "-d", database, "-c", text], capture_output=True, text=True)


@unittest.skipUnless(BINARIES, "Postgres is not here ('make setup')")
class Migration(unittest.TestCase):
    def test_one_that_fails_half_way_leaves_no_half(self):
        loader = chart.program("loader")
        if not loader:
            self.skipTest("loader is not built ('make build')")
        job = next(document for document in chart.rendered("kansoku", "ci/smallest-values.yaml") if document["kind"] == "Job" and document["metadata"]["name"].endswith("-migrate"))
        container = job["spec"]["template"]["spec"]["containers"][0]
        with Postgres() as postgres:
            file = postgres.folder / "url"
            file.write_text(postgres.url)

            def migrate():
                variables = {one["name"]: one["value"].replace("/run/secrets/postgres/url", str(file)) for one in container["env"]}
                return subprocess.run([loader, *container["args"]], capture_output=True, text=True, env={**os.environ, **variables}, timeout=120)
            # Somebody made a table by hand that a later migration makes.
            self.assertEqual(postgres.sql("CREATE TABLE dead_letter_action (x int)").returncode, 0)
            failed = migrate()
            self.assertNotEqual(failed.returncode, 0)
            self.assertIn("dead_letter_action", failed.stderr, "what was in the way is named")
            self.assertIn("already exists", failed.stderr)
            done = [int(line) for line in postgres.sql("SELECT version FROM _sqlx_migrations WHERE success ORDER BY 1").stdout.split()]
            files = sorted(int(path.name[:4]) for path in (chart.ROOT / "loader/migrations").glob("*.sql"))
            self.assertTrue(0 < len(done) < len(files) and done == files[:len(done)], done)
            self.assertEqual(postgres.sql("SELECT count(*) FROM _sqlx_migrations WHERE NOT success").stdout.strip(), "0", "the failed one is undone as a whole")
            self.assertEqual(postgres.sql("SELECT to_regclass('dead_letter_letter')").stdout.strip(), "", "nor is there a table of it")
            self.assertEqual(postgres.sql("DROP TABLE dead_letter_action").returncode, 0)
            again = migrate()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual(migrate().returncode, 0, "with nothing to do it is well too")


if __name__ == "__main__":
    unittest.main()
