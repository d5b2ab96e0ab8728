"""The charts against a real API server: schemas, defaults, admission, and what helm does with hooks that fail."""

import json
import pathlib
import threading
import time
import unittest

import yaml

import chart
import cluster

SPACE = "pipeline"
# Those of the projects themselves, where they could be had; ours are parts of them.
OURS, THEIRS = pathlib.Path(__file__).parent / "crds", chart.ROOT / ".tools/crds"


def definitions():
    """A file for each custom resource that the charts use."""
    found = {}
    for file in [*OURS.glob("*.yaml"), *THEIRS.glob("*.yaml")]:
        found[yaml.safe_load(file.read_text())["metadata"]["name"]] = file
    return found



class Jobs(threading.Thread):
    """In the place of a kubelet: each pod of a job ends as it is told, by the job's name."""

    def __init__(self, kube, fail=()):
        super().__init__(daemon=True)
        self.kube, self.fail, self.seen, self.over = kube, fail, [], threading.Event()

    def run(self):
        while not self.over.is_set():
            for pod in self.kube.get("pods", "-n", SPACE, "-l", "batch.kubernetes.io/job-name")["items"]:
                job = pod["metadata"]["labels"]["batch.kubernetes.io/job-name"]
                if pod["status"]["phase"] == "Pending":
                    self.seen.append(job)
                    phase = "Failed" if any(job.endswith(end) for end in self.fail) else "Succeeded"
                    self.kube.kubectl("patch", "pod", pod["metadata"]["name"], "-n", SPACE, "--subresource=status", "--type=merge", "-p", json.dumps({"status": {"phase": phase}}), check=False)
            time.sleep(0.3)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(30)


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kube = cls.enterClassContext(cluster.Cluster())
        for file in definitions().values():
            # Some are larger than what a client may note beside an object.
            cls.kube.kubectl("apply", "--server-side", "-f", file)
        cls.kube.wait(lambda: cls.kube.kubectl("get", ",".join(definitions()), check=False).returncode == 0, "the CRDs")

    def setUp(self):
        self.kube.kubectl("create", "namespace", SPACE)
        self.kube.kubectl("label", "namespace", SPACE, *(f"pod-security.kubernetes.io/{mode}=restricted" for mode in ("enforce", "warn")))
        self.kube.wait(lambda: self.kube.kubectl("get", "serviceaccount", "default", "-n", SPACE, check=False).returncode == 0, "the account default")
        self.kube.kubectl("create", "-f", "-", given=json.dumps({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "pipeline"}, "value": 1}), check=False)

    def tearDown(self):
        self.kube.kubectl("delete", "namespace", SPACE, "--wait=true", "--timeout=120s")

    def secrets(self):
        keys = ["admin", "fetcher", "archiver", "validator", "loader", "replayer"]
        for name, files in (("kansoku-nats-keys", [f"{user}.nk" for user in keys]), ("kansoku-postgres", ["url"]), ("kansoku-redis", ["url"])):
            self.kube.kubectl("create", "secret", "generic", name, "-n", SPACE, *(f"--from-literal={file}=of-this-test" for file in files))

    def install(self, verb, *more, check=True):
        return self.kube.helm(verb, "kansoku", chart.CHARTS / "kansoku", "-n", SPACE, "-f", chart.CHARTS / "kansoku/values-staging.yaml", "--timeout", "60s", *more, check=check)

    def made(self, *components):
        """The controllers make the pods of all of these: admission takes them."""
        def there():
            pods = self.kube.get("pods", "-n", SPACE)["items"]
            return set(components) <= {pod["metadata"]["labels"].get("app.kubernetes.io/component") for pod in pods}
        self.kube.wait(there, f"pods of {', '.join(components)}", 60)

    def image(self):
        return self.kube.get("deployment", "kansoku-loader", "-n", SPACE)["spec"]["template"]["spec"]["containers"][0]["image"]

    def test_the_server_takes_everything(self):
        """Server-side dry run of every case, strict: an unknown field, a bad default or a warning of admission fails."""
        for name, file in chart.CASES:
            done = self.kube.kubectl("apply", "--server-side", "--dry-run=server", "--validate=strict", "-n", SPACE, "-f", "-", given=chart.text(name, file), check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), f"{name}/{file}")
            self.assertEqual(len(done.stdout.splitlines()), len(chart.rendered(name, file)))

    def test_admission_takes_every_pod(self):
        """Restricted is enforced on pods alone, so each template becomes one."""
        pods = []
        for _, document, template in chart.pods():
            # As a controller makes it: the claims of a StatefulSet become volumes.
            claims = [{"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": "c"}} for claim in document["spec"].get("volumeClaimTemplates", [])]
            spec = {"restartPolicy": "Always", **template["spec"], "serviceAccountName": "default", "volumes": template["spec"].get("volumes", []) + claims}
            pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{len(pods)}", "namespace": SPACE, "labels": template["metadata"]["labels"]}, "spec": spec})
        self.assertGreater(len(pods), 30)
        done = self.create(pods)
        self.assertEqual((done.returncode, done.stderr, len(done.stdout.splitlines())), (0, "", len(pods)))
        for pod in pods:
            pod["spec"]["containers"][0]["securityContext"] = {}
        self.assertEqual(self.create(pods).stderr.count('violates PodSecurity "restricted'), len(pods), "without it each is refused")

    def create(self, documents):
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
        return self.kube.kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", given=text, check=False)

    def test_a_missing_secret_is_named_at_once(self):
        refused = self.install("install", check=False)
        self.assertIn('nats.keysSecret: there is no Secret "kansoku-nats-keys" in the namespace pipeline. Make it before, with the keys admin.nk, fetcher.nk', refused.stderr)
        self.secrets()
        self.kube.kubectl("delete", "secret", "kansoku-postgres", "-n", SPACE)
        self.kube.kubectl("create", "secret", "generic", "kansoku-postgres", "-n", SPACE, "--from-literal=uri=x")
        self.assertIn('postgres.secretName: the Secret "kansoku-postgres" has no key "url"', self.install("install", check=False).stderr)
        self.assertEqual(self.kube.get("jobs", "-n", SPACE)["items"], [], "nothing was begun")
        # Somebody who may not read Secrets turns the check off.
        with Jobs(self.kube):
            self.install("install", "--set", "checkSecrets=false")

    def test_a_failed_migration_leaves_what_runs(self):
        self.secrets()
        with Jobs(self.kube) as jobs:
            self.install("install")
        self.assertEqual(jobs.seen, ["kansoku-topology", "kansoku-migrate"], "streams and tables before the services")
        self.assertEqual(self.image(), "kansoku-loader:0.1.0")
        self.made("fetcher", "validator", "loader", "replayer", "query-api", "archive")
        self.assertEqual(self.kube.get("jobs", "-n", SPACE)["items"], [], "jobs that succeeded are cleared away")
        with Jobs(self.kube, fail=["migrate"]):
            failed = self.install("upgrade", "--set", "image.tag=0.2.0,hooks.retries=0", check=False)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("pre-upgrade", failed.stderr)
        self.assertIn("migrate", failed.stderr)
        self.assertEqual(self.image(), "kansoku-loader:0.1.0", "what ran goes on")
        left = self.kube.get("jobs", "-n", SPACE)["items"]
        self.assertEqual([job["metadata"]["name"] for job in left], ["kansoku-migrate"], "its log can be read")
        self.assertEqual(left[0]["spec"]["template"]["spec"]["containers"][0]["image"], "kansoku-loader:0.2.0")
        with Jobs(self.kube):
            self.install("upgrade", "--set", "image.tag=0.2.1")
        self.assertEqual(self.image(), "kansoku-loader:0.2.1")
        self.kube.helm("rollback", "kansoku", "1", "-n", SPACE)
        self.assertEqual(self.image(), "kansoku-loader:0.1.0")
        self.kube.helm("uninstall", "kansoku", "-n", SPACE)
        for kind in ("deployments", "statefulsets", "services", "configmaps", "networkpolicies", "jobs"):
            left = [one["metadata"]["name"] for one in self.kube.get(kind, "-n", SPACE)["items"]]
            self.assertEqual([name for name in left if name != "kube-root-ca.crt"], [], kind)
        self.assertEqual(len([one for one in self.kube.get("secrets", "-n", SPACE)["items"] if one["type"] == "Opaque"]), 3, "Secrets are yours")

    def test_the_guide_acts_on_production(self):
        """Secrets of a store before the servers that need them; the hooks of the installation take them over. Then everything restarts."""
        guide = (chart.ROOT / "docs/guides/kubernetes.md").read_text()
        chosen = ("kansoku", chart.CHARTS / "kansoku", "-n", SPACE, "-f", chart.CHARTS / "kansoku/values-production.yaml")
        self.assertIn("--show-only templates/externalsecrets.yaml", guide)
        self.kube.kubectl("apply", "-f", "-", given=self.kube.helm("template", *chosen, "--show-only", "templates/externalsecrets.yaml").stdout)

        def store():
            found = self.kube.get("externalsecrets", "-n", SPACE)["items"]
            return {one["metadata"]["name"]: one["spec"]["dataFrom"][0]["extract"]["key"] for one in found}
        before = store()
        self.assertEqual(set(before), {"kansoku-nats-keys", "kansoku-postgres", "kansoku-redis"})
        with Jobs(self.kube):
            self.kube.helm("install", *chosen, "--timeout", "60s")
        self.assertEqual(store(), before)
        restart = "rollout restart deployment,statefulset -l app.kubernetes.io/name=kansoku"
        self.assertIn(f"kubectl -n kansoku {restart}", guide)
        restarted = {line.split()[0] for line in self.kube.kubectl("-n", SPACE, *restart.split()).stdout.splitlines()}
        rollouts = {f"rollout/{one['metadata']['name']}" for one in self.kube.get("rollouts", "-n", SPACE)["items"]}
        self.assertEqual(rollouts, {"rollout/kansoku-query-api"})
        self.assertIn("kubectl argo rollouts -n kansoku restart kansoku-query-api", guide)
        self.assertEqual(restarted, {f"deployment.apps/kansoku-{name}" for name in ("fetcher", "validator", "loader", "replayer")} | {"statefulset.apps/kansoku-archive"})

    def test_the_servers_are_installed_and_upgraded(self):
        self.secrets()

        def install(*more, check=True):
            values = chart.CHARTS / "kansoku-servers/values-staging.yaml"
            return self.kube.helm("upgrade", "--install", "kansoku-servers", chart.CHARTS / "kansoku-servers", "-n", SPACE, "-f", values, *more, check=check)
        install()
        self.made("nats", "postgres", "redis", "upstream")
        install("--set", "nats.image=nats:2.15.3-alpine,nats.replicas=5")
        server = self.kube.get("statefulset", "kansoku-servers-nats", "-n", SPACE)["spec"]
        self.assertEqual((server["replicas"], server["podManagementPolicy"], server["template"]["spec"]["containers"][0]["image"]), (5, "Parallel", "nats:2.15.3-alpine"))
        # Kubernetes' own rule; the guide says what to do.
        self.assertIn("updates to statefulset spec for fields other than", install("--set", "nats.storage=50Gi", check=False).stderr)


if __name__ == "__main__":
    unittest.main()
