"""The rollout as the chart renders it: steps and metrics. Time runs faster here, by the chart's own values."""

import dataclasses
import re

import yaml

import chart
from analysis import Metric

# A minute of the chart is three seconds here.
FASTER = 20
# Seconds until Argo Rollouts asks again that got no answer.
AGAIN = 10
UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a rollout does, in this order, and what it is judged by."""
    steps: list          # ("weight", percent) or ("pause", seconds)
    starting_step: int   # with which the analysis begins
    metrics: list
    scrape: float        # seconds between two scrapes
    pre_stop: float      # seconds that a pod goes on serving after it was told to end
    config: dict         # the steps and times before they were made faster


def seconds(text):
    """Of a duration such as 5m."""
    number, unit = re.fullmatch(r"(\d+)([smh])", text).groups()
    return int(number) * UNITS[unit]


def faster(text):
    """The duration that stands for this one here."""
    quick = seconds(text) / FASTER
    assert quick == int(quick) > 0, f"{text} is no whole number of seconds, {FASTER} times faster"
    return f"{int(quick)}s"


def defaults():
    """The chart's values."""
    return yaml.safe_load((chart.CHARTS / "kansoku/values.yaml").read_text())


def quick():
    """The values of a canary whose time runs faster."""
    canary = defaults()["queryApi"]["canary"]
    steps = [{"weight": step["weight"], "pause": faster(step["pause"])} for step in canary["steps"]]
    return {"enabled": True, "interval": faster(canary["interval"]), "window": faster(canary["window"]), "steps": steps}


def read(version):
    """The plan for a version, by its pod-template hash: out of `helm template`, whose values are the defaults but for the times."""
    values = defaults()
    documents = chart.documents("kansoku", "ci/everything-values.yaml", values={"queryApi": {"canary": quick()}})
    rollout, template = (next(one for one in documents if one["kind"] == kind) for kind in ("Rollout", "AnalysisTemplate"))
    strategy, pod = rollout["spec"]["strategy"]["canary"], rollout["spec"]["template"]["spec"]["containers"][0]
    assert strategy["analysis"]["templates"] == [{"templateName": template["metadata"]["name"]}]
    assert strategy["analysis"]["args"] == [{"name": "version", "valueFrom": {"podTemplateHashValue": "Latest"}}]
    return Plan(
        steps=[step_of(step) for step in strategy["steps"]],
        starting_step=strategy["analysis"]["startingStep"],
        metrics=[metric_of(metric, version) for metric in template["spec"]["metrics"]],
        scrape=seconds(values["monitoring"]["interval"]) / FASTER,
        pre_stop=pod["lifecycle"]["preStop"]["sleep"]["seconds"] / FASTER,
        config=values["queryApi"]["canary"],
    )


def step_of(step):
    """A step of a Rollout."""
    (name, what), = step.items()
    return ("weight", what) if name == "setWeight" else ("pause", seconds(what["duration"]))


def metric_of(metric, version):
    """A metric of an AnalysisTemplate, with the argument `version`."""
    return Metric(
        name=metric["name"], query=metric["provider"]["prometheus"]["query"].replace("{{args.version}}", version),
        success=metric["successCondition"], failure=metric["failureCondition"],
        delay=seconds(metric["initialDelay"]), interval=seconds(metric["interval"]), again=AGAIN / FASTER,
        failures=metric["failureLimit"], inconclusive=metric["inconclusiveLimit"], errors=metric["consecutiveErrorLimit"],
    )
