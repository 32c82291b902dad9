#!/usr/bin/env python3
"""Judges a report of the Autobahn suite: judge.py ROLE INDEX_JSON CASES.

A case counts by both of its verdicts together, the behaviour and the closing behaviour; the suite's own page colours
it by the first alone. Each case that is not plainly in order is listed. Exit status 1 where one failed, is
unimplemented or is missing.
"""
import collections
import json
import pathlib
import sys

CLEAN = {"OK", "INFORMATIONAL"}
PASSED = {"OK": "ok", "NON-STRICT": "non-strict", "INFORMATIONAL": "informational"}


def verdict(case):
    if case["behavior"] == "UNIMPLEMENTED":
        return "unimplemented"
    if case["behaviorClose"] not in CLEAN:
        return "failed"
    return PASSED.get(case["behavior"], "failed")


def main():
    role, path, expected = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    if not path.exists():
        print(f"conformance: {role}: no report: the suite did not get that far")
        return 1
    agents = json.loads(path.read_text())
    cases = next(iter(agents.values()), {})
    counts = collections.Counter()
    for name in sorted(cases, key=lambda name: [int(part) for part in name.split(".")]):
        case = cases[name]
        found = verdict(case)
        counts[found] += 1
        if found != "ok":
            print(f"conformance: {role}: {name}: {found} ({case['behavior']}, closing {case['behaviorClose']})")
    print(
        f"conformance: {role}: {len(cases)} of {expected} cases: {counts['ok']} ok, {counts['non-strict']} non-strict,"
        f" {counts['informational']} informational, {counts['failed']} failed, {counts['unimplemented']} unimplemented"
    )
    return 1 if counts["failed"] or counts["unimplemented"] or len(cases) != expected else 0


if __name__ == "__main__":
    sys.exit(main())
