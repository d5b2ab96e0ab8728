"""Validator and loader of the version before beside those of this one, on the same consumers, while pages come and both are killed."""

import json
import os
import signal
import subprocess
import threading

import chart
from installation import NEW, OLD
from servers import Process, free_port, get, until

# A day without a time: the schema that is deployed to the new version takes it, the built-in one of the old does not.
SCHEMA, YEAR, YEAR_OR_DAY = "anime.v1.json", r'"^[0-9]{4}$"', r'"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"'
ODD = {"name": "aired-date", "path": "/v4/top/anime", "rows": [0, 5, 10, 15, 20]}
DAYS_BEFORE, CAPTURED_PAGES, KILLS = 4, 20, 2


class Worker(Process):
    """An old validator or loader."""

    def __init__(self, run, service, overlay):
        prefix, port = service.upper(), free_port()
        self.service, self.url = service, f"http://127.0.0.1:{port}"
        environment = {f"{prefix}_HTTP__LISTEN": f"127.0.0.1:{port}"}
        if service == "validator":
            environment["VALIDATOR_SCHEMAS__OVERLAY"] = str(overlay)
        self.arguments = (run.folder, f"old-{service}", [OLD / service, "--config", run.config(service)], f"{self.url}/readyz", environment)
        self.again()

    def again(self):
        super().__init__(*self.arguments)


class Beside:
    """Within `with` they run beside each other and pages come; `account` says afterwards what became of them."""

    def __init__(self, run):
        self.run, self.failure, self.kills, self.fed = run, None, 0, threading.Event()

    def __enter__(self):
        none = self.run.folder / "no-schemas"
        none.mkdir()
        text = (chart.ROOT / "schemas/json" / SCHEMA).read_text()
        assert YEAR in text, f"{SCHEMA} has another pattern for a year"
        (self.run.folder / "data/schemas" / SCHEMA).write_text(text.replace(YEAR, YEAR_OR_DAY))
        self.run.at_rest()
        self.before, self.began = self.run.count(), self.run.sql("select clock_timestamp()")
        self.old = [Worker(self.run, service, none) for service in ("validator", "loader")]
        self.thread = threading.Thread(target=self.feed)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        for worker in self.old:
            worker.stop()

    def feed(self):
        try:
            self.captures()
            self.archive()
        except BaseException as error:
            self.failure = error
        self.fed.set()

    def captures(self):
        """A ranking in which one row of five has a day without a time."""
        for page in range(1, CAPTURED_PAGES + 1):
            get(f"http://127.0.0.1:{self.run.ports['jikan_sim_control']}/faults", {**ODD, "page": page})
        self.run.run(NEW / "fetcher", "--config", self.run.config("fetcher"), "once", "top.members", "--pages", CAPTURED_PAGES)

    def archive(self):
        """Days before the sample's, while one worker after the other is killed."""
        file = self.run.folder / "before.jsonl"
        until_then = self.run.sql("""select to_char(min(captured_at) - interval '1 day', 'YYYY-MM-DD"T"12:00:00"Z"') from page""")
        self.run.run(NEW / "jikan-sim", "archive", "--days", DAYS_BEFORE, "--until", until_then, "--seed", 7, "--output", file)
        captures = [json.loads(line) for line in file.read_text().splitlines()]
        self.pages, self.rows = len(captures), sum(len(json.loads(capture["body"])["data"]) for capture in captures)
        importing = threading.Thread(target=self.run.run, args=(NEW / "archive", "--config", self.run.config("archive"), "import", file))
        importing.start()
        for worker in self.old * KILLS:
            self.some_more()
            worker.kill()
            worker.again()
            self.some_more()
            self.kill_new(worker.service)
            self.kills += 2
        importing.join()

    def some_more(self):
        """Waits until a few more pages are stored, or all are."""
        before = self.run.count()["pages"]

        def more():
            now = self.run.count()
            return now["pages"] > before + 2 or now["pages"] == now["RAW"]
        until(more, "more pages in the tables", 120)

    def kill_new(self, service):
        """The installation starts it again."""
        found = subprocess.run(["pgrep", "-f", f"^{NEW / service} --config {self.run.config(service)}"], capture_output=True, text=True).stdout.split()
        for pid in {int(pid) for pid in found} - {worker.process.pid for worker in self.old}:
            os.kill(pid, signal.SIGKILL)

    def account(self):
        """How much more there is now than before, in tables and streams; and how many pages each schema judged."""
        self.run.at_rest()
        after = self.run.count()
        judges = dict(line.split("|") for line in self.run.sql(f"select judge, count(*) from page where committed_at > '{self.began}' group by judge").splitlines())
        return {name: after[name] - self.before[name] for name in after}, judges
