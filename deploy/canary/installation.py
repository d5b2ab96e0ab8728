"""An installation of its own (servers, streams, services of this version and some days of sample data), and what is counted in it."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.parse

import chart
from servers import ENV, get, until

NEW = pathlib.Path(os.environ.get("KANSOKU_NEW", chart.ROOT / "target/release"))
# Programs of the version before the newest migration; this version's where they could not be had.
OLD = pathlib.Path(os.environ.get("KANSOKU_OLD") or NEW)
DAYS = 10


def newer_tables():
    """The tables that migrations make which the version before does not have: what it writes is missing there."""
    newer = [file for file in (chart.ROOT / "loader/migrations").glob("*.sql") if OLD != NEW and not (OLD / "migrations" / file.name).exists()]
    return {table for file in newer for table in re.findall(r"^create table (\w+)", file.read_text(), re.M)}


class Installation:
    """Started by `with`, gone after it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kansoku-canary-"))
        # It captures nothing by itself: a page of its own between two counts would be one too many.
        self.env = {**ENV, "FETCHER_SCHEDULE": "[]", "KANSOKU_DATA": str(self.folder / "data"), "KANSOKU_ROOT": str(chart.ROOT)}
        try:
            self.run(NEW / "stack", "up", "--days", str(DAYS))
            told = self.run(NEW / "stack", "env")
        except BaseException:
            self.__exit__()
            raise
        self.address = dict(re.findall(r"^([A-Z_]+)='?([^'\n]*)'?$", told, re.M))
        self.ports = json.loads((self.folder / "data/ports.json").read_text())
        # What a process had in hand that died comes again soon.
        self.run(NEW / "topology", "apply", "--url", self.address["NATS_URL"], "--nkey-file", self.folder / "data/nats/keys/admin.nk", "--ack-wait", 2)
        return self

    def __exit__(self, *_):
        subprocess.run([NEW / "stack", "reset", "--yes"], env=self.env, capture_output=True)
        subprocess.run(["rm", "-rf", self.folder])

    def run(self, *command):
        done = subprocess.run(list(map(str, command)), env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout[-500:]} {done.stderr[-1500:]}"
        return done.stdout

    def config(self, service):
        return self.folder / f"data/config/{service}.toml"

    def database(self, port=None, user=None):
        """Its URL, by another port or as another role."""
        url = urllib.parse.urlsplit(self.address["DATABASE_URL"])
        return f"postgres://{user or url.username}:{url.password}@127.0.0.1:{port or url.port}/kansoku"

    def password(self):
        """Of its database."""
        return urllib.parse.urlsplit(self.address["DATABASE_URL"]).password

    def sql(self, text):
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.database(), "-c", text).strip()

    def settings(self, cache, database=None):
        """Of a query-api, whose cache in Redis is its own as another build's would be."""
        return {
            "QUERY_API_POSTGRES__URL": database or self.database(), "QUERY_API_REDIS__URL": f"{self.address['REDIS_URL'].rstrip('/')}/{cache}",
            "QUERY_API_LIMITS__REQUESTS_PER_MINUTE": "0",   # all clients come from one address
        }

    def streams(self):
        """Each stream with its consumers, by NATS' own page."""
        page = json.loads(get(f"{self.address['NATS_MONITOR_URL']}/jsz?accounts=true&streams=true&consumers=true"))
        return {stream["name"]: stream for account in page["account_details"] for stream in account.get("stream_detail") or []}

    def at_rest(self):
        """Waits until every message is settled."""
        def waiting():
            consumers = [consumer for stream in self.streams().values() for consumer in stream.get("consumer_detail") or []]
            return sum(consumer["num_pending"] + consumer["num_ack_pending"] for consumer in consumers)
        until(lambda: waiting() == 0, "every message to be settled", 180)

    def count(self):
        """What is in the tables and in the streams now."""
        tables = json.loads(self.sql("""
            select to_json(t) from (select count(*) as pages, coalesce(sum(received), 0) as received, coalesce(sum(stored), 0) as stored,
                coalesce(sum(duplicate), 0) as duplicate, coalesce(sum(dead + load_dead), 0) as dead,
                (select count(*) from observation) + (select count(*) from genre_observation) as rows,
                (select count(*) from dead_letter) as letters from page) t"""))
        streams = self.streams()
        return tables | {name: streams[name]["state"]["messages"] for name in ("RAW", "VALID", "DLQ")}

    def derived(self):
        """A digest of each table that follows from the observations."""
        until(lambda: self.sql("select count(*) from week_change where changed > rolled") == "0", "all weeks to be rolled up", 120)
        tables = ("title_daily", "title_latest", "title_name", "title_week", "title_first_year", "run_balance")
        return {table: self.sql(f"select md5(string_agg(t::text, '' order by t::text)) from {table} t") for table in tables}

    def rebuild(self):
        """Makes them again."""
        self.run(NEW / "loader", "--config", self.config("loader"), "rebuild")
