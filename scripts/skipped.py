#!/usr/bin/env python3
"""Names the tests that were skipped, and why: such a test prints "SKIPPED: <why>", and the runner hides what a passed one prints."""

import re
import sys
from xml.etree import ElementTree

report = ElementTree.parse(sys.argv[1])
skipped = [
    f"  {test.get('classname')} {test.get('name')}: {why}"
    for test in report.iter("testcase")
    for why in re.findall("^SKIPPED: (.+)", "\n".join(test.itertext()), re.MULTILINE)
]
if skipped:
    print(f"== {len(skipped)} tests SKIPPED, as something they need is absent", *skipped, sep="\n")
