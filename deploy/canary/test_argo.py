"""Argo Rollouts itself brings versions out: its controller on a real API server, its analysis asking a real Prometheus by the chart's queries."""

import itertools
import shutil
import time
import unittest

import argo
import chart
import fair
import plan
from installation import NEW, Installation
from load import Load
from servers import Balance, Prometheus, Toxiproxy, until
from test_canary import HAPROXY, MANY, PER_SECOND, SEED, SLOW_MS, forget_a_grant, say

# Each pod has a place of its own.
PLACES = [f"pod{number}" for number in range(1, 33)]
NEEDED = [argo.CONTROLLER, chart.ROOT / ".tools/bin/kube-apiserver", chart.ROOT / ".tools/bin/kube-controller-manager"]
# What is brought out once more is another build of it: 0.2.1, 0.2.2.
STABLE, GOOD, FAILING, SLOW, UNKNOWN = "0.1", "0.2", "0.3", "0.4", "0.5"


@unittest.skipUnless(HAPROXY and shutil.which("etcd") and all(program.exists() for program in NEEDED), "Argo Rollouts, an API server or HAProxy is not here ('scripts/setup.sh argo')")
class ArgoRollouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.here = cls.enterClassContext(Installation())
        cls.argo = cls.enterClassContext(argo.Argo())
        some = plan.read("any")
        folder = cls.here.folder
        cls.balance, cls.prometheus, toxiproxy = Balance(folder, HAPROXY, PLACES), Prometheus(folder, some.scrape), Toxiproxy(folder)
        far = toxiproxy.slow("postgres", cls.here.ports["postgres"], SLOW_MS)
        for process in (cls.balance, cls.prometheus, toxiproxy):
            cls.addClassCleanup(process.stop)
        settings = {
            STABLE: cls.here.settings(1), GOOD: cls.here.settings(2), FAILING: cls.here.settings(3, forget_a_grant(cls.here)),
            SLOW: cls.here.settings(4, cls.here.database(port=far)) | MANY, UNKNOWN: cls.here.settings(5),
        }
        cls.kubelet = argo.Kubelet(cls.argo, folder, NEW / "query-api", cls.balance, PLACES, cls.prometheus, some.pre_stop, settings, {UNKNOWN})
        cls.kubelet.start()
        cls.addClassCleanup(cls.kubelet.stop)
        cls.builds = itertools.count()
        cls.argo.bring_out(f"{STABLE}.0", cls.prometheus.url)
        until(lambda: cls.argo.ended() == "promoted" and len(cls.kubelet.running) == argo.REPLICAS, "the first version", 120)

    def tags(self):
        return sorted(tag for _, _, tag in list(self.kubelet.running.values()))

    def bring_out(self, version, wanted):
        """Until Argo Rollouts has decided, under load, as it is wanted to; the answers of the versions by status."""
        def excuse():
            return fair.spoiled(plan.read(self.stable).metrics, self.prometheus, self.took)
        try:
            # What was promoted is not brought out once more, whatever the machine did.
            end, found = fair.fairly(lambda: self.once(f"{version}.{next(self.builds)}"), lambda outcome: outcome[0] in (wanted, "promoted"), excuse, say)
            self.assertEqual(end, wanted)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.argo.told()}\n{self.prometheus.told()}") from error
        return found

    def once(self, tag):
        self.stable = next(version.hash for _, version, _ in self.kubelet.running.values())
        began = time.monotonic()
        with Load(self.balance.port, PER_SECOND, SEED) as load:
            self.argo.bring_out(tag, self.prometheus.url)
            until(lambda: self.argo.ended() is None, "the rollout to begin")
            until(lambda: self.argo.ended(), f"the end of the rollout of {tag}", 180)
            end, self.took = self.argo.ended(), time.monotonic() - began
            say(f"{tag}: {end} after {self.took:.0f} s: {self.argo.rollout()['status'].get('message', '')}; measured {self.argo.measurements()}")
            if end != "paused":
                until(lambda: len(set(self.tags())) == 1 and len(self.tags()) == argo.REPLICAS, "the pods of one version", 60)
            after = load.total()
            until(lambda: load.total() > after + PER_SECOND, "more answers")
        self.assertEqual((load.lost, self.kubelet.failures), ([], []))
        self.assertIsNone(self.prometheus.process.poll(), self.prometheus.log.read_text()[-1500:])
        found = {}
        for (place, status), count in load.answers.items():
            of = found.setdefault(argo.version_of(self.kubelet.tags[place]), {})
            of[status] = of.get(status, 0) + count
        say(f"{tag}: answers {found}")
        return end, found

    def test_argo_decides(self):
        found = self.bring_out(GOOD, "promoted")
        good = self.tags()
        self.assertEqual({argo.version_of(tag) for tag in good}, {GOOD})
        self.assertEqual({status for of in found.values() for status in of}, {200})

        found = self.bring_out(FAILING, "rolled back")
        self.assertEqual(self.tags(), good)
        self.assertEqual((set(found[GOOD]), set(found[FAILING])), ({200}, {200, 503}))

        found = self.bring_out(SLOW, "rolled back")
        self.assertEqual(self.tags(), good)
        self.assertEqual((set(found[GOOD]), set(found[SLOW])), ({200}, {200}))

        self.bring_out(UNKNOWN, "paused")
        self.assertEqual({argo.version_of(tag) for tag in self.tags()}, {GOOD, UNKNOWN})


if __name__ == "__main__":
    unittest.main()
