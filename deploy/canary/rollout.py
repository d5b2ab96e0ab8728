"""Brings a version out in the plan's steps while its metrics are measured; what is measured decides each step."""

import dataclasses
import time

from analysis import FAILED, INCONCLUSIVE, ERROR, Tally

PROMOTED, ROLLED_BACK, PAUSED = "promoted", "rolled back", "paused"


@dataclasses.dataclass
class Outcome:
    """How it ended, and why. Of each change of the weight the second and the percent; of each measurement the second, the metric, its
    number and phase."""
    end: str
    why: str
    weights: list
    measured: list
    seconds: float

    @property
    def weight(self):
        """The last one."""
        return self.weights[-1][1]


class Rollout:
    """`prometheus.numbers(query)` answers a query; `weigh(percent)` gives the new version its part of the requests."""

    def __init__(self, plan, prometheus, weigh, say, clock=time.monotonic, sleep=time.sleep):
        self.plan, self.prometheus, self.weigh, self.say, self.clock, self.sleep = plan, prometheus, weigh, say, clock, sleep
        self.weights, self.measured, self.due, self.tallies = [(0, 0)], [], {}, {metric.name: Tally(metric) for metric in plan.metrics}

    def run(self):
        """All steps, then all requests; or none, where the measurements are bad; or a halt, where they say nothing."""
        self.began = self.clock()
        for index, (kind, what) in enumerate(self.plan.steps):
            if index == self.plan.starting_step:
                self.due = {metric.name: self.clock() + metric.delay for metric in self.plan.metrics}
            if kind == "weight":
                self.set(what)
            elif verdict := self.pause(self.clock() + what):
                return self.stopped(*verdict)
        self.set(100)
        return self.ended(PROMOTED, "every step was passed")

    def set(self, weight):
        self.weigh(weight)
        self.weights.append((self.clock() - self.began, weight))
        self.say(f"{self.weights[-1][0]:5.1f} s  weight {weight} %")

    def pause(self, until):
        """Measures what is due until then; ends early with what stops the rollout."""
        while self.clock() < until:
            for metric in self.plan.metrics:
                if self.due.get(metric.name, until) <= self.clock():
                    if verdict := self.measure(metric):
                        return verdict
            self.sleep(max(0.01, min([until, *self.due.values()]) - self.clock()))
        return None

    def measure(self, metric):
        result = self.prometheus.numbers(metric.query)
        phase = metric.measured(result)
        self.due[metric.name] += metric.again if phase == ERROR else metric.interval
        at, number = self.clock() - self.began, result[0] if result else None
        self.measured.append((at, metric.name, number, phase))
        told = "no answer" if result is None else "empty" if number is None else f"{number:.4f}"
        self.say(f"{at:5.1f} s  {metric.name:11} {told:9} {phase}")
        return self.tallies[metric.name].count(phase)

    def stopped(self, phase, why):
        at = self.weights[-1][1]
        if phase == INCONCLUSIVE:
            what = f"{why}. It stays at {at} % until a person decides: see why the version's pods are not scraped with the label " \
                   "rollouts_pod_template_hash, or get too few requests; then promote it or abort it."
            return self.ended(PAUSED, what)
        assert phase in (FAILED, ERROR)
        self.set(0)
        return self.ended(ROLLED_BACK, f"{why}; at {at} %")

    def ended(self, end, why):
        self.say(f"{self.clock() - self.began:5.1f} s  {end}: {why}")
        return Outcome(end, why, self.weights, self.measured, self.clock() - self.began)
