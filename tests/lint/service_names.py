"""Checks that no chat service is named outside of its own folder.

A service is a folder of bot/platforms, apart from `shared` and the program's own `web` and `webhook`. Its name, in
whatever case, may stand in its folder, in the table over all services, in tests, documents and findings; nowhere else, not in a
comment either. So a service that is added or taken away touches nothing else.

  service_names.py [--source DIR]     prints file:line for each violation and exits with 1 where there is one
"""

import argparse
import os
import pathlib
import re
import sys

OWN = {"shared", "web", "webhook"}
PLATFORMS = "bot/platforms"
TABLE = {f"{PLATFORMS}/chat_platforms.cpp", f"{PLATFORMS}/CMakeLists.txt"}
FREE = ("tests/", "docs/", "findings/", "README", "CHANGELOG", "CONTRIBUTING", "build/", ".git/", "bot/web/pages/node_modules/")
SUFFIXES = {".h", ".cpp", ".txt", ".cmake", ".html", ".js", ".ts", ".tsx", ".css", ".svg", ".md", ".toml", ".json", ".sh", ".py", ".in", ""}


def files_of(source):
    for folder, folders, files in os.walk(source):
        # Free folders are not entered: tests that run meanwhile make and remove files in build/.
        inside = pathlib.Path(folder).relative_to(source)
        folders[:] = sorted(name for name in folders if not (inside / name / "x").as_posix().startswith(FREE))
        for file in sorted(files):
            name = (inside / file).as_posix()
            if not name.startswith(FREE) and pathlib.Path(file).suffix in SUFFIXES:
                yield name, source / name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    source = parser.parse_args().source
    services = [folder.name for folder in sorted((source / PLATFORMS).iterdir()) if folder.is_dir() and folder.name not in OWN]
    if not services:
        sys.exit(f"no chat service found in {source / PLATFORMS}")
    violations = 0
    for name, path in files_of(source):
        foreign = [s for s in services if name not in TABLE and not name.startswith(f"{PLATFORMS}/{s}/")]
        if not foreign:
            continue
        pattern = re.compile("|".join(map(re.escape, foreign)), re.IGNORECASE)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if found := pattern.search(line):
                print(f"{name}:{number}: {found.group()} is named outside of {PLATFORMS}/{found.group().lower()}: {line.strip()}")
                violations += 1
    if violations:
        sys.exit(f"{violations} lines name a chat service outside of its folder and its row")
    print(f"{', '.join(services)} are named in their own folders only")


if __name__ == "__main__":
    main()
