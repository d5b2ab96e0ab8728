"""The processes of the test, on ports and in folders of their own."""

import concurrent.futures
import csv
import hashlib
import io
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import chart

ENV = {name: value for name, value in os.environ.items() if not name.startswith(("QUERY_API_", "LOADER_", "VALIDATOR_", "OTEL_"))}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def get(url, data=None):
    """The body of an answer; what is no answer with a status below 400 is an OSError."""
    body = None if data is None else json.dumps(data).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, {"content-type": "application/json"}), timeout=10) as answer:
        return answer.read().decode()


def until(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def answers(url):
    try:
        return get(url) is not None
    except OSError:
        return False


class Process:
    """A process with a log, ended with `stop`."""

    def __init__(self, folder, name, command, ready, environment=None):
        self.name, self.log = name, pathlib.Path(folder) / f"{name}.log"
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**ENV, **(environment or {})})
        until(lambda: self.process.poll() is not None or answers(ready), f"{name} to be ready")
        if self.process.poll() is not None:
            raise AssertionError(f"{name} ended:\n{self.log.read_text()[-1500:]}")

    def stop(self, seconds=15):
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self):
        """As kill -9."""
        self.process.kill()
        return self.process.wait(5)


class Version(Process):
    """A query-api. Its hash is that of its program's bytes and of its configuration, as a pod template's is of image and settings."""

    def __init__(self, folder, program, settings):
        self.port, self.admin, self.before = free_port(), free_port(), {}
        text = json.dumps([hashlib.sha256(program.read_bytes()).hexdigest(), settings])
        self.hash = hashlib.sha256(text.encode()).hexdigest()[:10]
        listen = {"QUERY_API_HTTP__LISTEN": f"127.0.0.1:{self.port}", "QUERY_API_ADMIN__LISTEN": f"127.0.0.1:{self.admin}"}
        super().__init__(folder, f"query-api-{self.hash}", [program], f"http://127.0.0.1:{self.admin}/readyz", {**settings, **listen})

    def warm(self, paths):
        """Asks all of these at once, and counts from then on."""
        with concurrent.futures.ThreadPoolExecutor(len(paths)) as clients:
            for asked in [clients.submit(answers, f"http://127.0.0.1:{self.port}{path}") for path in paths]:
                asked.result()
        self.before = self.counted()

    def counted(self):
        """What its own metric says of requests to the API since then: how many of each status."""
        found = {status: -count for status, count in self.before.items()}
        pattern = r'^http_server_request_duration_seconds_count\{(.*)\} (\d+)'
        for labels, count in re.findall(pattern, get(f"http://127.0.0.1:{self.admin}/metrics"), re.M):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            if labels["http_route"].startswith("/api/"):
                status = int(labels["http_response_status_code"])
                found[status] = found.get(status, 0) + int(count)
        return {status: count for status, count in found.items() if count}


class Prometheus(Process):
    """Scrapes what it is told, with the label that a ServiceMonitor takes from the pods."""

    def __init__(self, folder, scrape):
        self.targets, port = pathlib.Path(folder) / "targets.json", free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.scrapes()
        config = pathlib.Path(folder) / "prometheus.yaml"
        config.write_text(json.dumps({"scrape_configs": [{
            "job_name": "query-api", "scrape_interval": f"{round(scrape * 1000)}ms", "scrape_timeout": f"{round(scrape * 1000)}ms",
            "file_sd_configs": [{"files": [str(self.targets)], "refresh_interval": "1s"}]}]}))
        super().__init__(folder, "prometheus", ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{port}",
                                                "--log.level=warn"], f"{self.url}/-/ready")

    def scrapes(self, *targets, labelled=True):
        """These versions from now on."""
        found = [{"targets": [f"127.0.0.1:{version.admin}"], "labels": {"rollouts_pod_template_hash": version.hash} if labelled else {}} for version in targets]
        fresh = self.targets.with_suffix(".new")
        fresh.write_text(json.dumps(found))
        fresh.rename(self.targets)

    def numbers(self, query):
        """The numbers of a vector, or nothing where there is no answer."""
        try:
            answer = json.loads(get(f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": query})))
        except OSError:
            return None
        return [float(sample["value"][1]) for sample in answer["data"]["result"]]

    def told(self):
        """Which targets it scrapes, how that went, and its last words."""
        targets = json.loads(get(f"{self.url}/api/v1/targets"))["data"]["activeTargets"]
        lines = [f"{target['labels']} {target['health']} {target['lastScrape']} {target['lastError']}\n" for target in targets]
        return "".join(lines) + self.log.read_text()[-1500:]


class Balance(Process):
    """HAProxy with places for versions. It neither tries again nor sends elsewhere: what fails is seen."""

    def __init__(self, folder, program, places=("a", "b")):
        self.socket, self.port, config = pathlib.Path(folder) / "haproxy.sock", free_port(), pathlib.Path(folder) / "haproxy.cfg"
        health = free_port()
        servers = "\n".join(f"    server {place} 127.0.0.1:1 check inter 250ms disabled" for place in places)
        config.write_text(pathlib.Path(__file__).with_name("haproxy.cfg").read_text().format(socket=self.socket, port=self.port, health=health, servers=servers))
        super().__init__(folder, "haproxy", [program, "-db", "-f", config], f"http://127.0.0.1:{health}/")

    def tell(self, command):
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(str(self.socket))
            one.sendall(f"{command}\n".encode())
            answer = b"".join(iter(lambda: one.recv(65536), b"")).decode()
        return answer

    def place(self, place, version, weight):
        """Puts a version there."""
        for command in (f"addr 127.0.0.1 port {version.port}", f"weight {weight}", "state ready"):
            said = self.tell(f"set server versions/{place} {command}").strip()
            assert not said or "changed" in said or "no need" in said, said

    def weigh(self, old, new, percent):
        """Gives the new one so many of a hundred requests."""
        for place, weight in ((new, percent), (old, 100 - percent)):
            self.tell(f"set server versions/{place} weight {weight}")

    def leave(self, place):
        """Sends nothing more there; what is in hand goes on."""
        self.tell(f"set server versions/{place} state drain")

    def in_hand(self, place):
        """Requests that a version has not answered yet."""
        rows = csv.DictReader(io.StringIO(self.tell("show stat").lstrip("# ")))
        return next(int(row["scur"]) for row in rows if (row["pxname"], row["svname"]) == ("versions", place))


class Toxiproxy(Process):
    """Connections that can be made slow."""

    def __init__(self, folder):
        self.port = free_port()
        super().__init__(folder, "toxiproxy", [chart.ROOT / ".tools/bin/toxiproxy-server", "-host", "127.0.0.1", "-port", self.port], f"http://127.0.0.1:{self.port}/version")

    def slow(self, name, upstream, milliseconds):
        """A port that leads to another one, where each answer takes so much longer."""
        port, base = free_port(), f"http://127.0.0.1:{self.port}/proxies"
        get(base, {"name": name, "listen": f"127.0.0.1:{port}", "upstream": f"127.0.0.1:{upstream}", "enabled": True})
        get(f"{base}/{name}/toxics", {"name": "slow", "type": "latency", "stream": "downstream", "attributes": {"latency": milliseconds}})
        return port
