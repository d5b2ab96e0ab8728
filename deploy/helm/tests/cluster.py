"""A real API server and the controllers, on etcd, on ports and in a folder of its own. No kubelet: no container runs."""

import atexit
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOKEN = "of-this-run-only"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Cluster:
    """Started by `with`, gone after it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kansoku-kube-"))
        # An interrupted test runs no clean-up of its class.
        atexit.register(self.__exit__)
        self.processes = []
        client, peer, self.port, controllers = free_ports(4)
        key = self.folder / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        (self.folder / "tokens.csv").write_text(f'{TOKEN},tester,tester,"system:masters"\n')
        self.start("etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{client}", "--advertise-client-urls", f"http://127.0.0.1:{client}",
                   "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster", f"default=http://127.0.0.1:{peer}",
                   "--unsafe-no-fsync")
        self.start(ROOT / ".tools/bin/kube-apiserver", "--etcd-servers", f"http://127.0.0.1:{client}", "--secure-port", self.port, "--bind-address", "127.0.0.1",
                   "--cert-dir", self.folder / "certs", "--token-auth-file", self.folder / "tokens.csv", "--authorization-mode", "RBAC", "--service-cluster-ip-range", "10.96.0.0/16",
                   "--service-account-issuer", "https://kubernetes.default.svc", "--kubelet-preferred-address-types", "InternalIP", "--service-account-key-file", key, "--service-account-signing-key-file", key)
        self.kubeconfig = self.folder / "kubeconfig"
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": f"https://127.0.0.1:{self.port}", "insecure-skip-tls-verify": True}}],
            "users": [{"name": "c", "user": {"token": TOKEN}}], "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}]}))
        self.wait(lambda: self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0, "the API server")
        self.start(ROOT / ".tools/bin/kube-controller-manager", "--kubeconfig", self.kubeconfig, "--service-account-private-key-file", key, "--leader-elect=false",
                   "--secure-port", controllers, "--bind-address", "127.0.0.1", "--cert-dir", self.folder / "certs")
        self.wait(lambda: self.kubectl("get", "serviceaccount", "default", check=False).returncode == 0, "the controllers")
        return self

    def __exit__(self, *_):
        atexit.unregister(self.__exit__)
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        """Ends all processes, the last one first."""
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, program, *arguments):
        with open(self.folder / f"{pathlib.Path(program).name}.log", "w") as log:
            self.processes.append(subprocess.Popen([program, *map(str, arguments)], stdout=log, stderr=log))

    def wait(self, condition, what, seconds=180):
        deadline = time.monotonic() + seconds
        while not condition():
            ended = [process.args[0] for process in self.processes if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                logs = "".join(file.read_text()[-1500:] for file in self.folder.glob("*.log"))
                raise AssertionError(f"{what}: not within {seconds} s, or {ended} ended:\n{logs}")
            time.sleep(0.2)

    def run(self, *command, given=None, check=True):
        done = subprocess.run(list(map(str, command)), input=given, capture_output=True, text=True, env={**os.environ, "KUBECONFIG": str(self.kubeconfig)})
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stderr}")
        return done

    def kubectl(self, *arguments, given=None, check=True):
        return self.run("kubectl", *arguments, given=given, check=check)

    def helm(self, *arguments, check=True):
        return self.run(ROOT / ".tools/bin/helm", *arguments, check=check)

    def get(self, *arguments):
        return json.loads(self.kubectl("get", *arguments, "-o", "json").stdout)
