"""Versions of query-api behind HAProxy: what a real Prometheus measures by the chart's queries promotes one and rolls others back."""

import http.client
import os
import pathlib
import random
import shutil
import time
import unittest

import fair
import plan
from beside import CAPTURED_PAGES, ODD, Beside
from installation import NEW, OLD, Installation, newer_tables
from load import QUESTIONS, Load, question
from picture import svg
from rollout import PAUSED, PROMOTED, ROLLED_BACK, Rollout
from servers import Balance, Prometheus, Toxiproxy, Version, until

PER_SECOND = 30
SEED = int(os.environ.get("KANSOKU_SEED") or random.randrange(1 << 32))
HAPROXY = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
# Each word of Postgres to the slow version comes so late, and one answer of the API takes several.
SLOW_MS = 150
# So many sessions that it answers late and not that it is busy.
MANY = {"QUERY_API_POSTGRES__MAX_CONNECTIONS": "32"}


def say(words):
    print(f"  {words}", flush=True)


def status_of(client):
    """Of the answer to a request that was sent."""
    with client.getresponse() as answer:
        answer.read()
    client.close()
    return answer.status


def forget_a_grant(here):
    """The URL of a role that may not read the balances of captures."""
    here.sql(f"""create role canary login password '{here.password()}'; grant select on all tables in schema public to canary;
                 revoke select on run_balance from canary""")
    return here.database(user="canary")


@unittest.skipUnless(HAPROXY, "HAProxy is not here ('scripts/setup.sh canary' installs it)")
class Canary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        say(f"KANSOKU_SEED={SEED}; a minute of the chart takes {60 / plan.FASTER:g} s; the version before is {'this one' if OLD == NEW else OLD}")
        cls.here = cls.enterClassContext(Installation())
        cls.outcomes = {}
        cls.scrape = plan.read("any").scrape
        cls.folder = cls.here.folder

    @classmethod
    def tearDownClass(cls):
        if (picture := os.environ.get("KANSOKU_PICTURE")) and len(cls.outcomes) > 1:
            pathlib.Path(picture).write_text(svg(cls.outcomes))

    def setUp(self):
        self.balance, self.prometheus = Balance(self.folder, HAPROXY), Prometheus(self.folder, self.scrape)
        self.addCleanup(self.prometheus.stop)
        self.addCleanup(self.balance.stop)

    def version(self, settings, program=NEW):
        version = Version(self.folder, program / "query-api", settings)
        self.addCleanup(lambda: version.process.poll() is None and version.stop())
        version.warm(QUESTIONS)
        return version

    def stable(self, settings, program=NEW):
        """The version that gets every request before the rollout."""
        version = self.version(settings, program)
        self.balance.place("a", version, 100)
        self.prometheus.scrapes(version)
        return version

    def roll(self, title, new, old, end, reason="", labelled=True):
        """Brings a version out beside the stable one; returns how that ended."""
        self.balance.place("b", new, 0)
        self.prometheus.scrapes(old, new, labelled=labelled)

        def once():
            self.outcomes[title] = Rollout(plan.read(new.hash), self.prometheus, lambda percent: self.balance.weigh("a", "b", percent), say).run()
            return self.outcomes[title]

        # What was promoted is not brought out once more, whatever the machine did.
        return fair.fairly(once, lambda outcome: outcome.end == PROMOTED or (outcome.end == end and reason in outcome.why),
                           lambda: labelled and fair.spoiled(plan.read(old.hash).metrics, self.prometheus, self.outcomes[title].seconds), say)

    def retire(self, place, version):
        """As a pod ends: no more requests, a while later the signal, and the requests in hand are answered."""
        self.balance.leave(place)
        time.sleep(plan.read(version.hash).pre_stop)
        in_hand = self.balance.in_hand(place)
        self.assertEqual(version.stop(), 0, version.log.read_text()[-800:])
        say(f"version {version.hash} has ended; {in_hand} requests of the balance were in its hand at the signal")

    def books(self, load, **versions):
        """Every request was answered by a version, and each version counts the same; returns the answers of each by status."""
        self.assertEqual(load.lost, [], "requests that no version answered")
        found = {name: load.of(name) for name in ("a", "b")}
        for place, version in versions.items():
            self.assertEqual(version.counted(), found[place], f"what the version at {place} counts, and what its clients do")
        for place, of in found.items():
            say(f"answers of {place}: " + (", ".join(f"{count} with {status}" for status, count in of.items()) or "none"))
        for (place, path, why), count in load.said.items():
            say(f"{count} answers of {place} to {path}: {why}")
        return found

    def test_a_good_version_is_promoted_while_old_and_new_workers_share_the_pages(self):
        old, new = self.stable(self.here.settings(1), OLD), self.version(self.here.settings(2))
        with Beside(self.here) as beside, Load(self.balance.port, PER_SECOND, SEED) as load:
            outcome = self.roll("Good", new, old, PROMOTED)
            self.assertEqual(outcome.end, PROMOTED, outcome.why)
            self.retire("a", old)
            after = load.total()
            until(lambda: load.total() > after + 2 * PER_SECOND, "answers of the new version alone")
            beside.fed.wait(300)
        found = self.books(load, b=new)
        self.assertEqual({status for of in found.values() for status in of}, {200}, "no request failed")
        self.assertTrue(found["a"] and found["b"])
        if beside.failure:
            raise beside.failure
        came, judges = beside.account()
        say(f"pages by which schema judged them: {judges}; workers were killed {beside.kills} times; there is more now: {came}")
        pages, dead = beside.pages + CAPTURED_PAGES, came["dead"]
        self.assertEqual((came["RAW"], came["pages"]), (pages, pages), "each page once in RAW and in the tables")
        # A validator that was killed between its result and its ack leaves the page to the other version, whose result is another message.
        self.assertGreaterEqual(came["VALID"], pages, "each page was judged")
        self.assertEqual(came["received"], beside.rows + 25 * CAPTURED_PAGES)
        self.assertEqual(came["received"], came["stored"] + came["duplicate"] + dead, "each row once")
        self.assertEqual((came["rows"], came["letters"], came["DLQ"]), (came["stored"], dead, dead))
        self.assertEqual(len(judges), 2, "both schemas judged")
        self.assertLess(dead, len(ODD["rows"]) * CAPTURED_PAGES, "the new schema took some of the odd rows")
        self.assertGreater(dead, 0, "the old one took none")
        kept = self.here.derived()
        self.here.rebuild()
        made = self.here.derived()
        differ = {table for table in made if made[table] != kept[table]}
        say(f"derived by both loaders as by one: {', '.join(sorted(set(made) - differ))}; not by the old one: {', '.join(differ) or 'none'}")
        self.assertLessEqual(differ, newer_tables(), "both derive the same")

    def test_a_version_that_answers_errors_is_rolled_back(self):
        """Somebody forgot a grant: its role may not read what one question of twenty needs."""
        old, new = self.stable(self.here.settings(3)), self.version(self.here.settings(4, forget_a_grant(self.here)))
        with Load(self.balance.port, PER_SECOND, SEED) as load:
            outcome = self.roll("5 % errors", new, old, ROLLED_BACK, "error-ratio")
            self.assertEqual(outcome.end, ROLLED_BACK)
            self.assertIn("error-ratio", outcome.why)
            until(lambda: self.balance.in_hand("b") == 0 and load.of("b") == new.counted(), "its clients to have all that it answered")
            asked, after = load.of("b"), load.total()
            until(lambda: load.total() > after + 2 * PER_SECOND, "answers of the old version alone")
            self.assertEqual(load.of("b"), asked, "it is asked no more")
        found = self.books(load, a=old, b=new)
        self.assertEqual(set(found["a"]), {200})
        self.assertEqual(set(found["b"]), {200, 503})
        self.retire("b", new)

    def test_a_slow_version_is_rolled_back(self):
        """Its way to Postgres is long."""
        toxiproxy = Toxiproxy(self.folder)
        self.addCleanup(toxiproxy.stop)
        far = toxiproxy.slow("postgres", self.here.ports["postgres"], SLOW_MS)
        old, new = self.stable(self.here.settings(5)), self.version(self.here.settings(6, self.here.database(port=far)) | MANY)
        with Load(self.balance.port, PER_SECOND, SEED) as load:
            outcome = self.roll("Slow", new, old, ROLLED_BACK, "p95")
            self.assertEqual(outcome.end, ROLLED_BACK)
            self.assertIn("p95", outcome.why)
            # Besides those of the balance.
            asked = [http.client.HTTPConnection("127.0.0.1", new.port, timeout=10) for _ in range(4)]
            for client in asked:
                client.request("GET", question(load.chance))
            self.retire("b", new)
            self.assertEqual([status_of(client) for client in asked], [200] * 4, "requests in its hand at the signal")
            after = load.total()
            until(lambda: load.total() > after + 2 * PER_SECOND, "answers of the old version alone")
        found = self.books(load, a=old)
        self.assertEqual((set(found["a"]), set(found["b"])), ({200}, {200}), "slow is not lost")

    def test_a_version_of_which_nothing_is_known_waits_for_a_person(self):
        """Its pods are scraped without the label."""
        old, new = self.stable(self.here.settings(7)), self.version(self.here.settings(8))
        with Load(self.balance.port, PER_SECOND, SEED) as load:
            outcome = self.roll("Not scraped", new, old, PAUSED, labelled=False)
            self.assertEqual(outcome.end, PAUSED)
            self.assertIn("rollouts_pod_template_hash", outcome.why)
            self.assertEqual(outcome.weight, plan.read("any").steps[0][1], "it got no further")
            before = load.of("b")
            until(lambda: load.of("b") != before, "more answers of the version that waits")
            # The person decides against it.
            self.balance.weigh("a", "b", 0)
            self.retire("b", new)
        found = self.books(load, a=old)
        self.assertEqual((set(found["a"]), set(found["b"])), ({200}, {200}))


if __name__ == "__main__":
    unittest.main()
