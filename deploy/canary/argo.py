"""A real Argo Rollouts on a real API server. In a kubelet's place, the pods of query-api are processes of this machine."""

import json
import ssl
import threading
import urllib.request

import chart
import cluster
import plan
from load import QUESTIONS
from servers import Version, free_port, until

CONTROLLER, DEFINITIONS = chart.ROOT / ".tools/bin/rollouts-controller", chart.ROOT / ".tools/argo"
SPACE, NAME, REPLICAS = "pipeline", "kansoku-query-api", 2
RUNS = f"/apis/argoproj.io/v1alpha1/namespaces/{SPACE}/analysisruns"
HASH = "rollouts-pod-template-hash"


class Argo(cluster.Cluster):
    """Started by `with`, gone after it."""

    def __enter__(self):
        super().__enter__()
        self.kubectl("create", "namespace", SPACE)
        self.kubectl("apply", "--server-side", "-f", DEFINITIONS)
        self.start(CONTROLLER, "--kubeconfig", self.kubeconfig, "--leader-elect=false", "--metricsPort", free_port(), "--healthzPort", free_port())
        return self

    def ask(self, path):
        """An answer of the API server."""
        trusting = ssl._create_unverified_context()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", headers={"authorization": f"Bearer {cluster.TOKEN}"})
        with urllib.request.urlopen(request, context=trusting, timeout=10) as answer:
            return json.loads(answer.read())

    def pods(self):
        """The pods of query-api by their names."""
        found = self.ask(f"/api/v1/namespaces/{SPACE}/pods")["items"]
        return {pod["metadata"]["name"]: pod for pod in found if HASH in pod["metadata"]["labels"]}

    def bring_out(self, tag, prometheus):
        """What `helm upgrade` changes of the Rollout for another image."""
        canary = {**plan.quick(), "prometheus": prometheus}
        documents = chart.documents("kansoku", "values-staging.yaml", values={
            "image": {"tag": tag}, "queryApi": {"replicas": REPLICAS, "autoscaling": {"enabled": False}, "canary": canary}})
        wanted = [one for one in documents if one["kind"] in ("Rollout", "AnalysisTemplate", "ServiceAccount")]
        self.kubectl("apply", "-n", SPACE, "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": wanted}))

    def rollout(self):
        """The Rollout as it is."""
        return self.ask(f"/apis/argoproj.io/v1alpha1/namespaces/{SPACE}/rollouts/{NAME}")

    def measurements(self):
        """Those of the last analysis: metric, number, phase."""
        runs = self.runs()
        return [(metric["name"], one.get("value") or one.get("message", ""), one["phase"]) for metric, one in measured(runs[-1])] if runs else []

    def runs(self):
        """All analyses, the last one last."""
        return sorted(self.ask(RUNS)["items"], key=lambda run: run["metadata"]["creationTimestamp"])

    def told(self):
        """Every measurement of every analysis with its time, and the controller's last words: for whoever reads why it decided so."""
        lines = [f"{run['metadata']['name']}: {run.get('status', {}).get('phase')}: {run.get('status', {}).get('message', '')}\n" + "".join(
            f"    {one.get('startedAt')} to {one.get('finishedAt')} {metric['name']} {one['phase']} {one.get('value', '')} {one.get('message', '')}\n" for metric, one in measured(run))
            for run in self.runs()]
        return "".join(lines) + (self.folder / f"{CONTROLLER.name}.log").read_text()[-3000:]

    def ended(self):
        """How the rollout has ended, or nothing while it goes on."""
        rollout = self.rollout()
        status = rollout.get("status", {})
        if status.get("observedGeneration") != str(rollout["metadata"]["generation"]):
            return None
        # What is left of the rollout before has another phase.
        if status.get("abort") and status.get("phase") == "Degraded":
            return "rolled back"
        if any(one["reason"] == "InconclusiveAnalysisRun" for one in status.get("pauseConditions") or []):
            return "paused"
        return "promoted" if status.get("phase") == "Healthy" and status.get("stableRS") == status.get("currentPodHash") else None


def measured(run):
    """Each measurement of an analysis, with its metric."""
    return [(metric, one) for metric in run.get("status", {}).get("metricResults", []) for one in metric.get("measurements", [])]


def version_of(tag):
    """Of which version a tag names a build: 0.2 of 0.2.7."""
    return tag.rsplit(".", 1)[0]


class Kubelet(threading.Thread):
    """Each pod is a query-api behind the balance, by the settings of its image's version; a pod that is gone drains and ends."""

    def __init__(self, argo, folder, program, balance, places, prometheus, pre_stop, settings, unlabelled=()):
        super().__init__(daemon=True)
        self.argo, self.folder, self.program, self.balance, self.prometheus, self.pre_stop, self.settings = argo, folder, program, balance, prometheus, pre_stop, settings
        self.free, self.running, self.tags, self.unlabelled = list(places), {}, {}, unlabelled
        self.over, self.failures = threading.Event(), []

    def run(self):
        while not self.over.wait(0.2):
            try:
                self.look()
            except Exception as error:
                self.failures.append(repr(error))

    def look(self):
        pods = self.argo.pods()
        for name, pod in pods.items():
            if name not in self.running:
                self.begin(name, pod)
        for name in set(self.running) - set(pods):
            self.end(name)

    def begin(self, name, pod):
        tag = pod["spec"]["containers"][0]["image"].rsplit(":", 1)[1]
        version = Version(self.folder, self.program, self.settings[version_of(tag)])
        version.warm(QUESTIONS)
        version.hash, place = pod["metadata"]["labels"][HASH], self.free.pop(0)
        self.running[name], self.tags[place] = (place, version, tag), tag
        self.scrape()
        self.balance.place(place, version, 100)
        ready = {"status": {"phase": "Running", "conditions": [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady", "Initialized", "PodScheduled")]}}
        self.argo.kubectl("patch", "pod", name, "-n", SPACE, "--subresource=status", "--type=merge", "-p", json.dumps(ready))

    def end(self, name):
        place, version, _ = self.running.pop(name)
        self.balance.leave(place)
        threading.Event().wait(self.pre_stop)
        if code := version.stop():
            self.failures.append(f"{name} ended with {code}")
        self.scrape()

    def scrape(self):
        versions = [(version, tag) for _, version, tag in self.running.values()]
        self.prometheus.scrapes(*[version for version, tag in versions if version_of(tag) not in self.unlabelled])

    def stop(self):
        self.over.set()
        self.join(30)
        for _, version, _ in self.running.values():
            version.stop()
