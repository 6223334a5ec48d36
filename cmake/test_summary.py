"""Sums the results of one ./test.sh: shows what failed (stderr) and prints "N passed, N failed" (stdout).

Reads the JUnit files that ctest wrote, one per build, and the TAP files of the browser and unit tests: a file of those is
one entry for ctest, but counts with its own number of test cases. Exit status 1 if anything failed or nothing ran.
"""

import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

SHOWN_LINES = 100


def tap_counts(path):
    """(passed, failed) as node's TAP reporter sums them up, or None where the file is cut short."""
    totals = {}
    for line in path.read_text(errors="replace").splitlines():
        match = re.fullmatch(r"# (pass|fail|cancelled) (\d+)", line)
        if match:
            totals[match[1]] = int(match[2])
    if not {"pass", "fail"} <= totals.keys():
        return None
    return totals["pass"], totals["fail"] + totals.get("cancelled", 0)


def show_failure(build, name, why, output):
    print(f"\n=== FAILED in {build}: {name} ({why})", file=sys.stderr)
    lines = output.splitlines()
    if len(lines) > SHOWN_LINES:
        print(f"[{len(lines) - SHOWN_LINES} lines before]", file=sys.stderr)
    print("\n".join(lines[-SHOWN_LINES:]), file=sys.stderr)


def count_build(path, tap_folder):
    passed = failed = skipped = 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name", "")
        output = case.findtext("system-out") or ""
        note = case.find("skipped")
        if note is None:
            note = case.find("failure")
        why = "" if note is None else note.get("message", "")
        status = case.get("status")
        if status == "run":
            own = (1, 0)
        elif status == "notrun" and why.startswith("SKIP_"):
            skipped += 1
            reason = next((line for line in output.splitlines() if line.strip()), "")
            print(f"skipped in {path.stem}: {name}: {reason}", file=sys.stderr)
            continue
        else:
            own = (0, 1)
            show_failure(path.stem, name, why or status, output)
        tap = tap_folder / (name.replace("/", "-") + ".tap")
        if tap.is_file():
            counts = tap_counts(tap)
            # ctest's own verdict still counts: a file may fail outside of its test cases.
            if counts and sum(counts) > 0 and (counts[1] > 0) == (own[1] > 0):
                own = counts
            elif counts == (0, 0):
                show_failure(path.stem, name, "no test case ran", output)
                own = (0, 1)
        passed += own[0]
        failed += own[1]
    print(f"{path.stem}: {passed} passed, {failed} failed, {skipped} skipped", file=sys.stderr)
    return passed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--stages-failed", type=int, default=0)
    parser.add_argument("--leftovers", type=int, choices=(0, 1), default=0)
    arguments = parser.parse_args()

    passed = failed = 0
    for path in sorted(arguments.results.glob("*.xml")):
        own = count_build(path, arguments.results / "tap")
        passed += own[0]
        failed += own[1]
    anything_ran = passed + failed > 0
    failed += arguments.stages_failed + arguments.leftovers
    if anything_ran and not arguments.leftovers:
        passed += 1  # the check that no process is left behind
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if anything_ran and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
