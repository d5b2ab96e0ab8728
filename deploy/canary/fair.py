"""Whether a machine had the time for a rollout: what the stable version does meanwhile says so."""

TRIES = 3


def worst(metric, prometheus, seconds):
    """The highest number of a metric in the last seconds, or nothing where there was none."""
    found = prometheus.numbers(f"max_over_time(({metric.query})[{int(seconds) + 1}s:1s])")
    return found[0] if found else None


def spoiled(metrics, prometheus, seconds):
    """What the stable version was measured to do in the last seconds that no version may, as a sentence; else nothing. `metrics` are the
    plan's, with the stable version's hash."""
    for metric in metrics:
        number = worst(metric, prometheus, seconds)
        if number is not None and metric.measured([number]) == "failed":
            return f"{metric.name} of the stable version was {number:.2f} meanwhile"
    return None


def fairly(bring_out, as_wanted, excuse, say):
    """Brings a version out until that ends as wanted; anew only where the stable version, too, was worse than a version may be."""
    for left in reversed(range(TRIES)):
        outcome = bring_out()
        if as_wanted(outcome) or not left or not (why := excuse()):
            return outcome
        say(f"this machine has no time: {why}. Once more")
