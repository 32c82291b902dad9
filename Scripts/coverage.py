#!/usr/bin/env python3
"""Region coverage by module: coverage.py REPORT [MODULE=PERCENT...] [MODULE/FOLDER=PERCENT...]. Exit status 1 where one
is below its bound.

REPORT is what `llvm-cov export` wrote. With COVERAGE_FILES set, the files of the bounded modules are listed as well.
"""
import collections
import json
import os
import pathlib
import sys


def module(path):
    """The module that a source belongs to; None for tests and what is not ours."""
    parts = path.parts
    if parts[0] == "Sources":
        return parts[1]
    return parts[0] if parts[0] in ("Agent", "Coordinator") else None


def parts_of_module(path):
    """Whether a source lies in a folder of its module."""
    return path.parts[0] == "Sources" and len(path.parts) > 3


def main():
    bounds = {name: float(percent) for name, percent in (word.split("=") for word in sys.argv[2:])}
    root = pathlib.Path.cwd()
    modules = collections.defaultdict(lambda: [0, 0])
    files = {}
    for entry in json.loads(pathlib.Path(sys.argv[1]).read_text())["data"][0]["files"]:
        path = pathlib.Path(entry["filename"])
        if not path.is_relative_to(root):
            continue
        path = path.relative_to(root)
        name = module(path)
        if name is None:
            continue
        regions = entry["summary"]["regions"]
        # A folder of a module stands in the table where it has a bound of its own.
        folder = f"{name}/{path.parts[2]}" if parts_of_module(path) else None
        for place in (name, folder) if folder in bounds else (name, ):
            modules[place][0] += regions["covered"]
            modules[place][1] += regions["count"]
        files[path] = (regions["covered"], regions["count"])
    print(f"{'module':<20}{'regions':>9}{'covered':>9}{'percent':>9}")
    status = 0
    for name, (covered, count) in sorted(modules.items()):
        percent = 100 * covered / max(count, 1)
        verdict = ""
        if name in bounds and percent < bounds[name]:
            verdict, status = f"   below {bounds[name]:g}", 1
        print(f"{name:<20}{count:>9}{covered:>9}{percent:>9.1f}{verdict}")
    for name in bounds.keys() - modules.keys():
        print(f"coverage: nothing is known of {name}")
        status = 1
    if os.environ.get("COVERAGE_FILES"):
        for path, (covered, count) in sorted(files.items(), key=lambda item: item[1][0] - item[1][1]):
            if covered < count and (module(path) in bounds or "/".join(path.parts[1:3]) in bounds):
                print(f"{count - covered:>6} of {count:>4}  {path}")
    return status


if __name__ == "__main__":
    sys.exit(main())
