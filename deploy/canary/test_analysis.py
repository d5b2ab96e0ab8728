"""The judge, without a process: conditions, limits, and the steps that follow from them."""

import math
import unittest

import fair
import plan
from analysis import ERROR, FAILED, GOOD, INCONCLUSIVE, Tally
from rollout import PAUSED, PROMOTED, ROLLED_BACK, Rollout


class Answers:
    """In Prometheus' place: what each query answers, by the metric's name."""

    def __init__(self, metrics, **given):
        self.names, self.given = {metric.query: metric.name.replace("-", "_") for metric in metrics}, given

    def numbers(self, query):
        return self.given[self.names[query]]


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Analysis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.plan = plan.read("5c9f")

    def rolled(self, **given):
        time, weights = Time(), []
        rollout = Rollout(self.plan, Answers(self.plan.metrics, **given), weights.append, lambda _: None, time.clock, time.sleep)
        return rollout.run(), weights

    def test_the_plan_is_the_charts_but_for_the_time(self):
        canary, pauses = self.plan.config, [what for kind, what in self.plan.steps if kind == "pause"]
        self.assertEqual([what for kind, what in self.plan.steps if kind == "weight"], [step["weight"] for step in canary["steps"]])
        self.assertEqual([pause * plan.FASTER for pause in pauses], [plan.seconds(step["pause"]) for step in canary["steps"]])
        self.assertEqual([metric.name for metric in self.plan.metrics], ["error-ratio", "p95"])
        for metric, most in zip(self.plan.metrics, (canary["maxErrorRatio"], canary["maxP95Seconds"])):
            self.assertEqual((metric.delay * plan.FASTER, metric.interval * plan.FASTER), (plan.seconds(canary["window"]), plan.seconds(canary["interval"])))
            self.assertIn('rollouts_pod_template_hash="5c9f"', metric.query)
            self.assertIn(f"[{int(metric.delay)}s]", metric.query)
            self.assertEqual([metric.measured(result) for result in ([most], [most * 1.01], [], [math.nan], None)], [GOOD, FAILED, INCONCLUSIVE, INCONCLUSIVE, ERROR])

    def test_so_many_bad_measurements_are_forgiven(self):
        metric = self.plan.metrics[0]
        for phase, most in ((FAILED, metric.failures), (INCONCLUSIVE, metric.inconclusive), (ERROR, metric.errors)):
            tally = Tally(metric)
            self.assertEqual([tally.count(phase) for _ in range(most)], [None] * most)
            self.assertEqual(tally.count(phase)[0], phase)
        tally = Tally(metric)
        self.assertEqual({tally.count(phase) for phase in [ERROR] * metric.errors + [GOOD] + [ERROR] * metric.errors}, {None}, "errors count in a row")

    def test_what_is_measured_decides(self):
        steps = [what for kind, what in self.plan.steps if kind == "weight"]
        good, weights = self.rolled(error_ratio=[0.0], p95=[0.02])
        self.assertEqual((good.end, weights), (PROMOTED, [*steps, 100]))
        self.assertEqual(good.seconds, sum(what for kind, what in self.plan.steps if kind == "pause"))
        for given in ({"error_ratio": [0.05], "p95": [0.02]}, {"error_ratio": [0.0], "p95": [0.8]}):
            bad, weights = self.rolled(**given)
            self.assertEqual((bad.end, weights), (ROLLED_BACK, [steps[0], 0]))
        nothing, weights = self.rolled(error_ratio=[], p95=[])
        self.assertEqual((nothing.end, weights), (PAUSED, steps[:1]), "what is unknown gets no further")
        self.assertIn("until a person decides", nothing.why)
        away, weights = self.rolled(error_ratio=None, p95=None)
        self.assertEqual((away.end, weights), (ROLLED_BACK, [steps[0], 0]))
        self.assertIn("no answer", away.why)

    def test_only_a_slow_stable_version_excuses_an_end(self):
        class Stable:
            def __init__(self, number):
                self.number = number

            def numbers(self, query):
                assert query.startswith("max_over_time((") and query.endswith(")[31s:1s])"), query
                return [self.number] if "histogram_quantile" in query else []
        self.assertIsNone(fair.spoiled(self.plan.metrics, Stable(0.4), 30))
        self.assertIn("p95 of the stable version was 0.60", fair.spoiled(self.plan.metrics, Stable(0.6), 30))
        for excuse, ends, tries in ((None, ["bad", "good"], 1), ("slow", ["bad", "good"], 2), ("slow", ["bad"] * 9, fair.TRIES), ("slow", ["good"], 1)):
            left, said = list(ends), []
            end = fair.fairly(lambda: left.pop(0), lambda outcome: outcome == "good", lambda: excuse, said.append)
            self.assertEqual((len(ends) - len(left), end, len(said)), (tries, ends[tries - 1], tries - 1))


if __name__ == "__main__":
    unittest.main()
