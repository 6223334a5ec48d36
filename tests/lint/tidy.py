"""Runs clang-tidy 14 over every .cpp of ours that the compile database names, one process per core.

A file that was clean is not read again until it, one of our headers or .clang-tidy changes: its hash is kept in the
cache folder. Exit status 77 (skipped, for ctest) where clang-tidy is not version 14, since versions find different
things; 1 if it found something.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

SKIPPED = 77
VERSION = "14"
FOLDERS = ("base", "config", "store", "llm", "router", "dispatch", "bot", "tests")


def find_tool():
    """The path of clang-tidy 14, or None."""
    for name in ("clang-tidy-" + VERSION, "clang-tidy"):
        path = shutil.which(name)
        if path:
            shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            if re.search(rf"version {VERSION}\.", shown):
                return path
    return None


def commands(database, source):
    """Each .cpp of ours and its command; generated files are left out."""
    found = {}
    for entry in json.loads(database.read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(source) and path.relative_to(source).parts[0] in FOLDERS:
            found[path] = entry.get("command", "")
    return found


def common_hash(source):
    """A hash of what any file may depend on: our headers and the list of checks."""
    digest = hashlib.sha256()
    headers = [path for folder in FOLDERS for path in (source / folder).rglob("*.h")]
    for path in [source / ".clang-tidy", pathlib.Path(__file__), *sorted(headers)]:
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.digest()


def check(tool, build, path):
    """(clean, what clang-tidy said, seconds)."""
    started = time.monotonic()
    run = subprocess.run(
        [tool, "-p", str(build), "--quiet", str(path)], capture_output=True, text=True, errors="replace", check=False
    )
    return run.returncode == 0, run.stdout + ("" if run.returncode == 0 else run.stderr), time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--times", action="store_true", help="print the seconds for each file")
    arguments = parser.parse_args()
    source = arguments.source.resolve()

    tool = find_tool()
    if tool is None:
        print(f"clang-tidy {VERSION} is not here; other versions find different things")
        return SKIPPED

    arguments.cache.mkdir(parents=True, exist_ok=True)
    common = common_hash(source)
    waiting = []
    found = commands(arguments.build / "compile_commands.json", source)
    known = set()
    for path, command in sorted(found.items()):
        digest = hashlib.sha256(common + command.encode() + path.read_bytes()).hexdigest()
        known.add(digest)
        if not (arguments.cache / digest).exists():
            waiting.append((path, digest))
    for old in arguments.cache.iterdir():
        if old.name not in known:
            old.unlink(missing_ok=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = pool.map(lambda item: (*item, *check(tool, arguments.build, item[0])), waiting)
        for path, digest, clean, said, seconds in results:
            if arguments.times:
                print(f"{seconds:6.1f} s  {path.relative_to(source)}")
            if clean:
                (arguments.cache / digest).touch()
            else:
                failed += 1
                print(said, flush=True)
    print(f"{len(found)} files, {len(waiting)} checked now, {failed} with findings")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
