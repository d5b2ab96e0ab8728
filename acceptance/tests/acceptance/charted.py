"""What the API has to say of titles, read from a history by hand: the csv module and dictionaries, no rule of ours but those written here.

usage: charted.py HISTORY.csv
Prints {title: {"days": [...], "weeks": [...]}} for the titles with the most points, as JSON.
"""

import csv
import json
import sys
from collections import defaultdict
from datetime import date, timedelta

NUMBERS = ["score", "scored_by", "rank", "popularity", "members", "favorites"]
FEW_VOTES = 1000
TITLES = 40

rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
rows.sort(key=lambda row: row["captured_at"])

# Of each title and day the last value told; an empty cell tells nothing.
days = defaultdict(dict)
for row in rows:
    day = days[int(row["mal_id"])].setdefault(row["captured_at"][:10], dict.fromkeys(NUMBERS))
    for name in NUMBERS:
        if row[name] != "":
            value = float(row[name]) if name == "score" else int(row[name])
            day[name] = value if value != 0 or name in ("scored_by", "members", "favorites") else None


def monday(day):
    day = date.fromisoformat(day)
    return (day - timedelta(days=day.weekday())).isoformat()


# Of each week the last value told on any of its days.
weeks = defaultdict(dict)
for title, own in days.items():
    for day in sorted(own):
        week = weeks[monday(day)].setdefault(title, dict.fromkeys(NUMBERS))
        week.update({name: value for name, value in own[day].items() if value is not None})

for monday_of, titles in weeks.items():
    before = weeks.get((date.fromisoformat(monday_of) - timedelta(days=7)).isoformat(), {})
    for title, week in titles.items():
        old = before.get(title, {}).get("members")
        week["gained"] = week["members"] - old if week["members"] is not None and old is not None else None
    scored = [t for t, w in titles.items() if w["score"] is not None and (w["scored_by"] or 0) >= FEW_VOTES]
    scored.sort(key=lambda t: (-titles[t]["score"], -(titles[t]["members"] if titles[t]["members"] is not None else -1), t))
    gaining = [t for t, w in titles.items() if w["gained"] is not None]
    gaining.sort(key=lambda t: (-titles[t]["gained"], t))
    for places, name in ((scored, "score_place"), (gaining, "members_place")):
        for place, title in enumerate(places, 1):
            titles[title][name] = place

found = {}
for title in sorted(days, key=lambda t: (-len(days[t]), t))[:TITLES]:
    own = days[title]
    found[title] = {
        "days": [{"day": day, **own[day]} for day in sorted(own)],
        "weeks": [
            {
                "week": week,
                "score": w["score"],
                "members": w["members"],
                "members_gained": w["gained"],
                "score_place": w.get("score_place"),
                "members_place": w.get("members_place"),
            }
            for week in sorted(weeks)
            if (w := weeks[week].get(title))
        ],
    }
json.dump(found, sys.stdout)
