"""Says once more what failed in a log of `swift test`: each issue with what it said, and the runner's summary last.

Usage: failures.py LOG
"""

import re
import sys
from pathlib import Path

ISSUE = re.compile(r"✘ .* recorded an issue")
# Every line that the runner begins, as against what a test's comment goes on with.
EVENT = re.compile(r"[◇✔✘➜↳] |error: ")
SUMMARY = re.compile(r"✘ Test run with ")
# A script's output may be long: what it calls a failure and what follows that is what one looks for.
FAILURE = re.compile(r"FAIL|Traceback|Error")
LINES_PER_ISSUE = 12
CHARACTERS_PER_LINE = 240


def issues(lines: list[str]) -> list[list[str]]:
    """The lines of each issue: the runner's own, then the comment's."""
    found: list[list[str]] = []
    inside = False
    for line in lines:
        if ISSUE.match(line):
            found.append([line])
            inside = True
        elif inside and line.startswith("↳ "):
            found[-1].append(line)
        elif EVENT.match(line):
            inside = False
        elif inside:
            found[-1].append(line)
    return found


def shortened(issue: list[str]) -> list[str]:
    """The issue's own line and the most telling of its comment's."""
    comment = issue[1:]
    if len(comment) > LINES_PER_ISSUE:
        at = next((index for index, line in enumerate(comment) if FAILURE.search(line)), 0)
        at = min(at, len(comment) - LINES_PER_ISSUE)
        comment = comment[at : at + LINES_PER_ISSUE]
    return [line[:CHARACTERS_PER_LINE] for line in issue[:1] + comment]


def main() -> None:
    lines = Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace").splitlines()
    print("\nWhat failed:")
    found = issues(lines)
    for issue in found:
        print("\n".join(shortened(issue)))
    if not found:
        # A test that crashes takes the runner with it: its last words are all there is.
        print("\n".join(lines[-LINES_PER_ISSUE:]))
    print("\n".join(line for line in lines if SUMMARY.match(line)))


if __name__ == "__main__":
    main()
