"""Sums the results of one ./test.sh: shows what failed (stderr) and prints "N passed, N failed" (stdout).

Reads the JUnit files that ctest wrote, one per build, and the TAP files of the browser and unit tests: a file of those is
one entry for ctest, but counts with its own number of test cases. Exit status 1 if anything failed or nothing ran.

A test of FILE.xml that failed and stands in FILE.again as passed has passed when it ran alone: it counts as that, and is
named. With --may-try-again it says by its exit status alone whether the few that failed in that file are to run again.
"""

import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

SHOWN_LINES = 100
# More of them are no accident of a busy machine.
MOST_TRIED_AGAIN = 2
# Where time and a busy machine play a part. What looks for something that happens seldom has found it, when it fails.
MAY_RUN_AGAIN = ("browser/", "contract/", "functional/", "scripts/", "services/", "unit/")
LOOKS_FOR_RARE_THINGS = ("threaded: ", ": killed at any call ")
PROOF = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:|SIG(SEGV|ABRT|BUS|FPE|ILL)")
# Seconds. Whatever stood still that long hangs, and tells nothing.
LONGEST = 390


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


def outcome_of(case):
    """(whether it passed, whether it was skipped, why not, what it wrote)"""
    note = case.find("skipped")
    if note is None:
        note = case.find("failure")
    why = "" if note is None else note.get("message", "")
    skipped = case.get("status") == "notrun" and why.startswith("SKIP_")
    return case.get("status") == "run", skipped, why or case.get("status"), case.findtext("system-out") or ""


def cases_of(path):
    return list(ElementTree.parse(path).getroot().iter("testcase"))


def may_run_again(case):
    name, output = case.get("name", ""), outcome_of(case)[3]
    return (
        name.startswith(MAY_RUN_AGAIN)
        and not any(words in name for words in LOOKS_FOR_RARE_THINGS)
        and output.strip() != ""
        and not PROOF.search(output)
        and float(case.get("time") or 0) < LONGEST
    )


def may_try_again(path):
    failed = [case for case in cases_of(path) if not any(outcome_of(case)[:2])]
    return 0 < len(failed) <= MOST_TRIED_AGAIN and all(map(may_run_again, failed))


def passed_alone(path):
    again = path.with_suffix(".again")
    return {case.get("name") for case in cases_of(again) if outcome_of(case)[0]} if again.is_file() else set()


def count_build(path, tap_folder):
    unsteady = passed_alone(path)
    passed = failed = skipped = 0
    for case in cases_of(path):
        name = case.get("name", "")
        has_passed, was_skipped, why, output = outcome_of(case)
        if has_passed:
            own = (1, 0)
        elif was_skipped:
            skipped += 1
            reason = next((line for line in output.splitlines() if line.strip()), "")
            print(f"skipped in {path.stem}: {name}: {reason}", file=sys.stderr)
            continue
        else:
            own = (1, 0) if name in unsteady else (0, 1)
            show_failure(path.stem, name, why, output)
            if name in unsteady:
                print(f"=== It passed when it ran alone: {name} is unsteady and is to be mended.", file=sys.stderr)
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
    parser.add_argument("results", type=pathlib.Path, help="a folder, or with --may-try-again a file")
    parser.add_argument("--may-try-again", action="store_true")
    parser.add_argument("--stages-failed", type=int, default=0)
    parser.add_argument("--leftovers", type=int, choices=(0, 1), default=0)
    arguments = parser.parse_args()
    if arguments.may_try_again:
        return 0 if may_try_again(arguments.results) else 1

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
