#!/usr/bin/env python3
"""What `make compose-test` tries on the stack in containers, once its engine runs: build, start, capture, break, restart, watch, end.

It talks to the stack as a person does: by `docker compose` on the real compose.yaml, and by HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

API = "http://127.0.0.1:7400"
PROMETHEUS = "http://127.0.0.1:7490"
SLACK = "http://127.0.0.1:7499"
STANDINS = ["-f", "compose/standins/compose.yaml"]
PROFILES = ["--profile", "observability", "--profile", "tools"]
WATCHING = ["--env-file", "compose/observability.env"]
# Their programs are never fetched.
WITHOUT = {"grafana", "loki", "tempo", "nats-exporter"}
OURS = ["archive", "fetcher", "jikan-sim", "loader", "query-api", "replayer", "validator"]
AIM_MB = 40
began = time.monotonic()


def say(words):
    print(f"== {time.monotonic() - began:5.1f} s  {words}", flush=True)


def run(*command, stderr=subprocess.STDOUT):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def compose(*arguments, before=(), **options):
    return run("docker", "compose", "-f", "compose/compose.yaml", *before, *arguments, **options)


def up(*services, before=()):
    compose("up", "--wait", "--wait-timeout", "240", "--no-build", "--pull", "never", *services, before=before)


def inspect(service, what):
    return run("docker", "inspect", "--format", what, f"kansoku-{service}-1").strip()


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def until(words, check, seconds=120):
    """Waits for a condition; what the check last said is told where it never holds."""
    last, deadline = None, time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            last = check()
            if last is True:
                return
        except HTTPError as error:
            # Refused too often: what it said before tells more.
            last = last if error.code == 429 else repr(error)
        except (OSError, KeyError, ValueError) as error:
            last = repr(error)
        time.sleep(0.5)
    sys.exit(f"{words}: not within {seconds} s; last: {last}")


def capture(dataset):
    compose("run", "--rm", "-T", "--no-deps", "fetcher", "--config", "/config/fetcher.toml", "once", dataset)


def settled(token, runs):
    """Every row of this many runs is stored: nothing is lost, dead or on its way."""

    def check():
        books = get(f"{API}/api/v1/operator/ledger", token)
        totals = books["totals"]
        rows = totals["received"] == totals["stored"] + totals["duplicate"] > 0
        open_ = [name for name in ("dead_open", "in_flight_pages", "missing", "extra") if totals[name]]
        return (books["balanced"] and totals["runs"] >= runs and rows and not open_) or books

    until(f"{runs} runs in the books, all rows stored", check)
    return get(f"{API}/api/v1/operator/ledger", token)["totals"]


def build():
    compose("build", before=[*STANDINS, *PROFILES])
    images = sorted({image for image in compose("config", "--images", before=PROFILES).split() if "kansoku-" in image})
    for image in images:
        size = int(run("docker", "image", "inspect", "--format", "{{.Size}}", image)) / 1e6
        print(f"   {image:<28} {size:5.1f} MB" + (f", over the aim of {AIM_MB}" if size > AIM_MB else ""))


def numbers():
    """What the API tells is what the upstream said."""
    upstream = inspect("jikan-sim", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    said = {row["mal_id"]: row for row in get(f"http://{upstream}:7450/v4/top/anime?page=1")["data"]}
    items = get(f"{API}/api/v1/analytics/top-anime?limit=20")["data"]["titles"]
    assert [item["place"] for item in items] == list(range(1, 21)), items
    for item in items:
        row = said.get(item["mal_id"])
        assert row and row["title"] == item["title"] and abs(row["score"] - item["score"]) < 0.05, (item, row)


def by_command(token):
    """The operator's command asks the API from a container of its own."""
    os.environ["KANSOKU_TOKEN"] = token
    said = compose("run", "--rm", "-T", "--no-deps", "kansoku", "ledger")
    assert "every row that came is accounted for" in said, said


def locked():
    """Our programs run as nobody in particular, and cannot write into their images."""
    for service in OURS:
        pid = inspect(service, "{{.State.Pid}}")
        with open(f"/proc/{pid}/status") as status:
            assert "Uid:\t65532\t65532" in status.read(), service
        assert inspect(service, "{{.HostConfig.ReadonlyRootfs}}") == "true", service


def reaches_upstreams():
    """The fetcher is on a network that leads outside, for an upstream that a person names."""
    config = json.loads(compose("config", "--format", "json"))
    networks = list(config["services"]["fetcher"]["networks"])
    assert not all(config["networks"][name].get("internal") for name in networks), f"the fetcher has only {networks}"


def kill(service):
    """As the kernel does where memory is short; `docker kill` would count as wished."""
    os.kill(int(inspect(service, "{{.State.Pid}}")), signal.SIGKILL)


def healthy(services):
    def check():
        states = {service: inspect(service, "{{.State.Health.Status}}") for service in services}
        return all(state == "healthy" for state in states.values()) or states

    until("all healthy", check)


def broken(token):
    before = {service: int(inspect(service, "{{.RestartCount}}")) for service in ("validator", "loader", "archive")}
    with ThreadPoolExecutor() as pool:
        capturing = pool.submit(capture, "top.members")
        for service in before:
            kill(service)
        capturing.result()
    for service, count in before.items():
        until(f"{service} is started again", lambda s=service, c=count: int(inspect(s, "{{.RestartCount}}")) > c)
    settled(token, 2)


def watched(token):
    services = set(compose("config", "--services", before=WATCHING).split()) - WITHOUT
    up(*sorted(services), before=WATCHING)
    capture("top.favorites")
    settled(token, 4)

    def targets():
        found = get(f"{PROMETHEUS}/api/v1/targets")["data"]["activeTargets"]
        down = {target["labels"]["job"] for target in found if target["health"] != "up"}
        return (len(found) == 13 and down == {"nats"}) or [(target["labels"]["job"], target["lastError"]) for target in found]

    until("Prometheus reaches all that runs", targets)
    rules = [rule for group in get(f"{PROMETHEUS}/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
    assert rules and all(rule["health"] != "err" for rule in rules), rules
    spans = f"{PROMETHEUS}/api/v1/query?query=sum(otelcol_receiver_accepted_spans_total)"
    until("traces reach the collector", lambda: float(get(spans)["data"]["result"][0]["value"][1]) > 0)
    grafana = compose("exec", "-T", "alertmanager", "cat", "/etc/alertmanager/grafana.tmpl", before=WATCHING)
    assert "https://grafana.example.org{{ end }}" in grafana, grafana
    until("an alert reaches the receiver", lambda: urllib.request.urlopen(f"{SLACK}/watchdog", timeout=5).status == 200)


def main():
    reaches_upstreams()
    build()
    say("images are built")
    up()
    say("everything is up and healthy")
    locked()
    add = ["--config", "/config/query-api.toml", "operator", "add", "night-shift"]
    token = compose("run", "--rm", "-T", "--no-deps", "query-api", *add, stderr=None).split()[-1]
    capture("top.score")
    totals = settled(token, 1)
    numbers()
    by_command(token)
    say(f"{totals['received']} rows captured, {totals['stored']} stored, the books balance, the API tells the upstream's numbers")
    broken(token)
    say("validator, loader and archive were killed while pages came; they were started again, no row is lost or doubled")
    compose("restart", "nats", "postgres")
    healthy([*OURS, "nats", "postgres"])
    capture("top.airing")
    settled(token, 3)
    say("NATS and Postgres were restarted; the books balance")
    watched(token)
    say(f"watched by Prometheus, Alertmanager, collector and exporters; not started: {', '.join(sorted(WITHOUT))}")
    compose("down", "-v", "--timeout", "15", before=WATCHING)
    left = run("docker", "ps", "-aq") + run("docker", "volume", "ls", "-q") + run("docker", "network", "ls", "-q", "--filter", "name=kansoku")
    assert not left, f"left over: {left}"
    say("taken down, nothing is left")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, SystemExit):
        subprocess.run(["docker", "compose", "-f", "compose/compose.yaml", *PROFILES, "logs", "--no-color", "--tail", "6"], check=False)
        raise
