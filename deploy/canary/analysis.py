"""What Argo Rollouts makes of measurements: an AnalysisTemplate's conditions, and how many bad ones end a rollout. Pure.
`test_argo` has Argo Rollouts itself do the same."""

import dataclasses
import math

GOOD, FAILED, INCONCLUSIVE, ERROR = "successful", "failed", "inconclusive", "error"


@dataclasses.dataclass(frozen=True)
class Metric:
    """One metric of an AnalysisTemplate; times in seconds."""
    name: str
    query: str
    success: str
    failure: str
    delay: float
    interval: float
    again: float   # after a measurement that gave no answer
    failures: int
    inconclusive: int
    errors: int

    def measured(self, result):
        """The phase of one measurement: `result` is the vector's numbers, or nothing where Prometheus gave no answer."""
        if result is None:
            return ERROR
        if holds(self.failure, result):
            return FAILED
        return GOOD if holds(self.success, result) else INCONCLUSIVE


def holds(condition, result):
    """Whether a condition in Argo's language of expressions is true, as far as the chart uses that language."""
    words = condition.replace("!isNaN", "not isNaN").replace("&&", "and").replace("||", "or")
    return bool(eval(words, {"__builtins__": {}, "len": len, "isNaN": math.isnan, "result": result}))


class Tally:
    """The measurements of one metric so far."""

    def __init__(self, metric):
        self.metric, self.counts, self.errors_in_a_row = metric, dict.fromkeys((GOOD, FAILED, INCONCLUSIVE, ERROR), 0), 0

    def count(self, phase):
        """Counts a measurement; says why the rollout cannot go on, as a phase and a sentence, or nothing."""
        self.counts[phase] += 1
        self.errors_in_a_row = self.errors_in_a_row + 1 if phase == ERROR else 0
        name, metric = self.metric.name, self.metric
        if self.counts[FAILED] > metric.failures:
            return FAILED, f"{name}: {self.counts[FAILED]} measurements failed, {metric.failures} would be forgiven"
        if self.counts[INCONCLUSIVE] > metric.inconclusive:
            return INCONCLUSIVE, f"{name}: {self.counts[INCONCLUSIVE]} measurements said nothing, {metric.inconclusive} would be forgiven"
        if self.errors_in_a_row > metric.errors:
            return ERROR, f"{name}: Prometheus gave no answer {self.errors_in_a_row} times in a row"
        return None
