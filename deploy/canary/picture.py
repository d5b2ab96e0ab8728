"""Draws rollouts below each other: the new version's part of the requests, and what each measurement said."""

import html

from analysis import FAILED, GOOD

WIDTH, LEFT, TOP, ROW, HEIGHT = 760, 92, 30, 150, 62
LANES = {"error-ratio": 22, "p95": 40}
# Told apart by form, not by colour alone.
MARKS = {GOOD: '<circle cx="{x:.1f}" cy="{y}" r="4" fill="#2f7d4f"/>',
         FAILED: '<path d="M{x:.1f} {y}m-4 -4l8 8m0 -8l-8 8" stroke="#b3261e" stroke-width="2.5"/>'}
NOTHING = '<circle cx="{x:.1f}" cy="{y}" r="4" fill="none" stroke="#6b7280" stroke-width="1.5"/>'


def svg(outcomes):
    """Of outcomes by their titles."""
    longest = max(outcome.seconds for outcome in outcomes.values())
    rows = "".join(row(title, outcome, TOP + index * ROW, (WIDTH - LEFT - 20) / longest) for index, (title, outcome) in enumerate(outcomes.items()))
    height = TOP + len(outcomes) * ROW
    told = "; ".join(f"{title}: {outcome.end} after {outcome.seconds:.0f} s" for title, outcome in outcomes.items())
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="system-ui, sans-serif" font-size="12">'
            f"<title>{html.escape(told)}</title><rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>{rows}</svg>\n")


def row(title, outcome, top, scale):
    base = top + HEIGHT + 8

    def x(second):
        return LEFT + second * scale
    points, weight = [f"{x(0):.1f},{base}"], 0
    for second, percent in outcome.weights:
        points += [f"{x(second):.1f},{base - weight * HEIGHT / 100:.1f}", f"{x(second):.1f},{base - percent * HEIGHT / 100:.1f}"]
        weight = percent
    points += [f"{x(outcome.seconds):.1f},{base - weight * HEIGHT / 100:.1f}", f"{x(outcome.seconds):.1f},{base}"]
    parts = [f'<text x="8" y="{top}" font-weight="600" fill="#111">{html.escape(title)}: {outcome.end}, {outcome.seconds:.0f} s</text>',
             f'<polygon points="{" ".join(points)}" fill="#c7d7f0" stroke="#2b5aa0"/>',
             f'<path d="M{LEFT} {base}H{WIDTH - 20}" stroke="#9ca3af"/>',
             f'<text x="{LEFT - 8}" y="{base}" text-anchor="end" fill="#444">requests</text>']
    parts += [f'<text x="{LEFT - 8}" y="{base + lane + 4}" text-anchor="end" fill="#444">{name}</text>' for name, lane in LANES.items()]
    parts += [f'<text x="{x(second) + 3:.1f}" y="{base - percent * HEIGHT / 100 - 4:.1f}" fill="#1f3b6d">{percent} %</text>'
              for second, percent in outcome.weights if 0 < percent < 100]
    parts += [MARKS.get(phase, NOTHING).format(x=x(second), y=base + LANES[name]) for second, name, _, phase in outcome.measured]
    return "".join(parts)
