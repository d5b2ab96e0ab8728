"""A cluster of one real node on this machine: kubelet, containerd, kube-proxy, a bridge. As root; no policy of the network is enforced."""

import json
import pathlib
import shlex
import subprocess

import cluster
import images
import names

BRIDGE, NETWORK, ADDRESS = "kansoku0", "10.244.77.0/24", "10.244.77.1"
TAGS = ["0.1.0", "0.2.0"]
CONTAINERD = """
version = 2
root = "{folder}/containerd"
state = "{folder}/run"
[grpc]
  address = "{folder}/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
"""


class Node(cluster.Cluster):
    """Started by `with`; what it made on the machine is gone after it."""

    def __enter__(self):
        super().__enter__()
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self):
        tools, folder = cluster.ROOT / ".tools/bin", self.folder
        folder.chmod(0o755)
        for command in (["link", "add", BRIDGE, "type", "bridge"], ["addr", "add", f"{ADDRESS}/24", "dev", BRIDGE], ["link", "set", BRIDGE, "up"]):
            subprocess.run(["ip", *command], check=True)
        (folder / "cni").mkdir()
        (folder / "cni/10-bridge.conflist").write_text(json.dumps({"cniVersion": "0.4.0", "name": "kansoku", "plugins": [
            {"type": "bridge", "bridge": BRIDGE, "isGateway": True, "ipMasq": True, "hairpinMode": True,
             "ipam": {"type": "host-local", "ranges": [[{"subnet": NETWORK}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": str(folder / "addresses")}}]}))
        (folder / "containerd.toml").write_text(CONTAINERD.format(folder=folder))
        self.start("containerd", "--config", folder / "containerd.toml")
        self.wait(lambda: subprocess.run([*self.ctr(), "version"], capture_output=True).returncode == 0, "containerd")
        (folder / "images").mkdir()
        for archive in images.all_images(folder / "images", "nats:2.15.2-alpine", TAGS):
            self.run(*self.ctr(), "images", "import", archive)
            archive.unlink()
        monitor, proxy, health, kubelet, scheduler = cluster.free_ports(5)
        (folder / "kubelet.json").write_text(json.dumps({
            "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "containerRuntimeEndpoint": f"unix://{folder}/containerd.sock", "cgroupDriver": "cgroupfs",
            "failSwapOn": False, "failCgroupV1": False, "clusterDNS": [ADDRESS], "clusterDomain": "cluster.local", "port": kubelet, "healthzPort": health, "podLogsDir": str(folder / "logs"),
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}}, "authorization": {"mode": "AlwaysAllow"},
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%", "nodefs.inodesFree": "1%"}, "imageGCHighThresholdPercent": 100}))
        self.start(tools / "kubelet", "--config", folder / "kubelet.json", "--kubeconfig", self.kubeconfig, "--root-dir", folder / "kubelet", "--cert-dir", folder / "certs", "--hostname-override", "one")
        self.start(tools / "kube-scheduler", "--kubeconfig", self.kubeconfig, "--leader-elect=false", "--secure-port", scheduler, "--bind-address", "127.0.0.1", "--cert-dir", folder / "certs")
        self.start(tools / "kube-proxy", "--kubeconfig", self.kubeconfig, "--hostname-override", "one", "--proxy-mode", "iptables", "--conntrack-max-per-core", "0", "--cluster-cidr", NETWORK,
                   "--metrics-bind-address", f"127.0.0.1:{monitor}", "--healthz-bind-address", f"127.0.0.1:{proxy}")
        self.names = names.Names(ADDRESS, self.get)
        self.names.start()
        self.wait(self.ready, "a node that is ready")

    def ctr(self):
        return ["ctr", "--address", str(self.folder / "containerd.sock"), "--namespace", "k8s.io"]

    def ready(self):
        nodes = self.get("nodes")["items"]
        return any(one["type"] == "Ready" and one["status"] == "True" for node in nodes for one in node["status"]["conditions"])

    def volume(self, name, size, user):
        """A folder for one claim, of the user who writes there."""
        path = self.folder / "volumes" / name
        path.mkdir(parents=True)
        subprocess.run(["chown", f"{user}:{user}", path], check=True)
        self.kubectl("apply", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": {
            "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": str(path)}}}))

    def stop(self):
        if hasattr(self, "names"):
            self.names.over.set()
        # A kubelet that is gone leaves containers, so it ends them first.
        self.kubectl("delete", "namespace", "pipeline", "--timeout=120s", check=False)
        super().stop()
        mine = str(self.folder)
        for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if mine in process.read_text():
                    subprocess.run(["kill", "-KILL", process.parent.name], capture_output=True)
            except OSError:
                continue
        for line in reversed(pathlib.Path("/proc/mounts").read_text().splitlines()):
            if line.split()[1].startswith(mine):
                subprocess.run(["umount", "-l", line.split()[1]], capture_output=True)
        without_rules()
        subprocess.run(["ip", "link", "del", BRIDGE], capture_output=True)
        for group in sorted(pathlib.Path("/sys/fs/cgroup").glob("*/kubepods/**/"), reverse=True):
            try:
                group.rmdir()
            except OSError:
                continue


def without_rules():
    """Takes away the chains of kubelet and kube-proxy, and what leads to them."""
    for table in ("nat", "filter", "mangle"):
        def iptables(*words):
            return subprocess.run(["iptables", "-w", "-t", table, *words], capture_output=True, text=True).stdout.splitlines()
        rules = [shlex.split(rule) for rule in iptables("-S")]
        for rule in rules:
            if rule[0] == "-A" and not rule[1].startswith("KUBE-") and any(word.startswith("KUBE-") for word in rule[2:]):
                iptables("-D", *rule[1:])
        for verb in ("-F", "-X"):
            for rule in rules:
                if rule[0] == "-N" and rule[1].startswith("KUBE-"):
                    iptables(verb, rule[1])
