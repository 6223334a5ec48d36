"""Runs clang-tidy 14 over every .cpp of ours that the compile database names, one process per core.

A file that was clean is not read again until it, one of our headers that it includes, its compiler flags or .clang-tidy
change: a hash of these is kept in the cache folder. Most of clang-tidy's time goes into the headers of the system and of
the libraries, so files are read several at a time, as one translation unit. What is found there is never reported: the
files that it names are read again each by itself. Exit status 77 (skipped, for ctest) where clang-tidy is not version
14, since versions find different things; 1 if it found something.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
VERSION = "14"
FOLDERS = ("base", "config", "store", "llm", "router", "dispatch", "bot", "tests")
LARGEST_GROUP = 130  # some 1.5 GB of memory

INCLUDE = re.compile(r"^#include .*", re.MULTILINE)
OWN_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
# `using a::b;` or `namespace a = b;` and the name that it declares.
USING = re.compile(r"^[ \t]*(?:using (?:\w*::)+(\w+)|namespace (\w+) = [\w:]+);", re.MULTILINE)
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
ANONYMOUS = re.compile(r"^namespace \{\n.*?^\}", re.MULTILINE | re.DOTALL)
# A file of tests that can stand in a namespace of its own, since it adds to none of the program's.
NOT_ALONE = re.compile(r"^(?:namespace [\w:]+ \{|template <>|extern |TYPE_TO_STRING)", re.MULTILINE)
# What a line that is not indented may declare, as clang-format lays it out. Too many names only make more groups, and
# one that is missed costs a second reading.
DECLARED = re.compile(
    r"^(?:(?:struct|class|enum class|enum|union) (\w+)"
    r"|using (\w+) ="
    r"|(?!using |namespace |template|struct |class |enum |TEST_|#|//|\})[^\s(={;][^(={;]*?(?<![:\w~])(\w+) ?[(={;\[])",
    re.MULTILINE,
)


@dataclasses.dataclass(frozen=True)
class Unit:
    """A .cpp and how it is compiled."""

    path: pathlib.Path
    folder: str
    flags: tuple
    digest: str


def find_tool():
    """The path of clang-tidy 14, or None."""
    for name in ("clang-tidy-" + VERSION, "clang-tidy"):
        path = shutil.which(name)
        if path:
            shown = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            if re.search(rf"version {VERSION}\.", shown):
                return path
    return None


class Sources:
    """Reads each file once."""

    def __init__(self, source):
        self.source = source
        self.text = functools.cache(lambda path: path.read_text(errors="replace"))
        self.includes = functools.cache(self._includes)

    def _includes(self, path):
        found = set()
        for name in OWN_INCLUDE.findall(self.text(path)):
            for candidate in (self.source / name, path.parent / name):
                if candidate.is_file():
                    found.add(candidate)
                    break
        return found

    def read_with(self, path):
        """The file and every header of ours that it includes, directly or not."""
        seen = set()
        waiting = [path]
        while waiting:
            file = waiting.pop()
            if file not in seen:
                seen.add(file)
                waiting.extend(self.includes(file))
        return sorted(seen)


def flags_of(command):
    """The compiler's flags without its name, input and output, and without precompiled headers: a file must make do with
    its own includes, and g++'s are of no use to clang-tidy."""
    words = shlex.split(command)
    first = next(i for i, word in enumerate(words) if re.search(r"(\+\+|cc)(-[\d.]+)?$", word) and "ccache" not in word)
    flags = []
    words = iter(words[first + 1 :])
    for word in words:
        if word == "-isystem":
            flags.append(word + next(words))
        elif word in ("-o", "-c", "-Xclang", "-include", "-MF", "-MT"):
            next(words)
        elif word not in ("-MD", "-Winvalid-pch"):
            flags.append(word)
    return tuple(flags)


def units(database, sources):
    """Every .cpp of ours; generated files are left out."""
    common = hashlib.sha256()
    for path in (sources.source / ".clang-tidy", pathlib.Path(__file__)):
        common.update(path.read_bytes())
    found = {}
    for entry in json.loads(database.read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.suffix != ".cpp":  # what an assembler reads
            continue
        if not path.is_relative_to(sources.source) or path.relative_to(sources.source).parts[0] not in FOLDERS:
            continue
        flags = flags_of(entry["command"])
        digest = common.copy()
        digest.update("\0".join(flags).encode())
        for file in sources.read_with(path):
            digest.update(b"\0" + str(file).encode() + b"\0" + sources.text(file).encode())
        found[path] = Unit(path, entry["directory"], flags, digest.hexdigest())
    return sorted(found.values(), key=lambda unit: unit.path)


def names_in(text):
    return {next(name for name in match.groups() if name) for match in DECLARED.finditer(text)}


def declared_names(text):
    """(names of functions and the like, names that can be replaced by others). The first must differ in a group, for each
    namespace; the second are types, constants, and what no other file can know of."""
    names = names_in(text)
    own = {name for name in names if re.match(r"k?[A-Z]", name)}.union(*map(names_in, ANONYMOUS.findall(text)))
    replaceable = {name for name in own if not re.search(rf"(::|\.|->)~?{name}\b", text)}
    places = NAMESPACE.findall(text) or [""]
    return {f"{place}::{name}" for name in names - replaceable for place in places}, replaceable


def names_of(unit, sources):
    """The names that no other unit of its group may declare."""
    return set() if stands_alone(unit, sources) else declared_names(sources.text(unit.path))[0]


def stands_alone(unit, sources):
    return unit.path.name.endswith("_test.cpp") and not NOT_ALONE.search(sources.text(unit.path))


class Group:
    """Units that are read as one translation unit."""

    def __init__(self, units=()):
        self.units = list(units)
        self.names = set()

    def fits(self, names):
        return not self.names & names

    def add(self, unit, names):
        self.units.append(unit)
        self.names |= names

    def text(self, sources):
        """All that they include comes first, so that what is renamed is renamed in the units alone."""
        texts = [sources.text(unit.path) for unit in self.units]
        lines = list(dict.fromkeys(line for text in texts for line in INCLUDE.findall(text)))
        for number, (unit, text) in enumerate(zip(self.units, texts)):
            if stands_alone(unit, sources):
                lines += [f"namespace unit_{number} {{", f'#include "{unit.path}"  // NOLINT', "}"]
                continue
            renamed = sorted(declared_names(text)[1])
            lines += [f"#define {name} {name}_{number}" for name in renamed]
            lines += [f'#include "{unit.path}"  // NOLINT']
            lines += [f"#undef {name}" for name in renamed]
        return "\n".join(lines) + "\n"


def grouped(waiting, sources):
    """Groups of units that declare no name twice, as even as they can be. Flags may differ in macros and folders."""
    largest = min(LARGEST_GROUP, -(-len(waiting) // len(os.sched_getaffinity(0))))
    alone = []
    same_flags = collections.defaultdict(list)
    for unit in waiting:
        if re.search(r"^#[ \t]*define", sources.text(unit.path), re.MULTILINE):
            alone.append(Group([unit]))
        else:
            same_flags[tuple(flag for flag in unit.flags if not flag.startswith(("-D", "-isystem")))].append(unit)
    made = []
    for units in same_flags.values():
        groups = [Group() for _ in range(-(-len(units) // largest))]
        for unit in units:
            names = names_of(unit, sources)
            fitting = [group for group in groups if group.fits(names) and len(group.units) < largest]
            if not fitting:
                groups.append(Group())
            group = min(fitting or groups[-1:], key=lambda group: len(group.units))
            group.add(unit, names)
        made += groups
    return sorted(made, key=lambda group: len(group.units), reverse=True) + alone


def run_tidy(tool, sources, header_filter, group, scratch):
    """(clean, what clang-tidy said)."""
    first = group.units[0]
    if len(group.units) == 1:
        file = first.path
    else:
        header_filter = rf"({header_filter})|\.cpp$"
        with tempfile.NamedTemporaryFile("w", suffix=".cpp", dir=scratch, delete=False) as joined:
            joined.write(group.text(sources))
        file = joined.name
    run = subprocess.run(
        [tool, "--quiet", f"--config-file={sources.source / '.clang-tidy'}", f"--header-filter={header_filter}", file, "--"]
        + list(dict.fromkeys(flag for unit in group.units for flag in unit.flags)),
        cwd=first.folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return run.returncode == 0, run.stdout + ("" if run.returncode == 0 else run.stderr)


def unused_names(unit, sources):
    """What misc-unused-using-decls and misc-unused-alias-decls are for, since another file of a group may hide it."""
    text = re.sub(r"//.*|^#.*", "", sources.text(unit.path), flags=re.MULTILINE)
    said = ""
    for match in USING.finditer(text):
        name = match[1] or match[2]
        if len(re.findall(rf"\b{name}\b", text)) == 1:
            line = text.count("\n", 0, match.start(1 if match[1] else 2)) + 1
            said += f"{unit.path}:{line}: error: '{name}' is declared and not used\n"
    return said


def check(tool, sources, header_filter, group, scratch):
    """Yields (unit, what was found, seconds) for each unit, and an empty text where it is clean."""
    started = time.monotonic()
    clean, said = run_tidy(tool, sources, header_filter, group, scratch)
    seconds = (time.monotonic() - started) / len(group.units)
    if clean or len(group.units) == 1:
        for unit in group.units:
            yield unit, ("" if clean else said) + unused_names(unit, sources), seconds
    else:
        named = [unit for unit in group.units if re.search(rf"^{re.escape(str(unit.path))}:\d", said, re.MULTILINE)]
        named = named or group.units
        for unit in named:
            yield from check(tool, sources, header_filter, Group([unit]), scratch)
        rest = [unit for unit in group.units if unit not in named]
        if rest:
            yield from check(tool, sources, header_filter, Group(rest), scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--times", action="store_true", help="print the seconds for each file")
    arguments = parser.parse_args()
    sources = Sources(arguments.source.resolve())

    tool = find_tool()
    if tool is None:
        print(f"clang-tidy {VERSION} is not here; other versions find different things")
        return SKIPPED
    header_filter = re.search(
        r"^HeaderFilterRegex: *'(.*)'$", (sources.source / ".clang-tidy").read_text(), re.MULTILINE
    )[1]

    arguments.cache.mkdir(parents=True, exist_ok=True)
    found = units(arguments.build / "compile_commands.json", sources)
    waiting = [unit for unit in found if not (arguments.cache / unit.digest).exists()]
    known = {unit.digest for unit in found}
    for old in arguments.cache.iterdir():
        if old.name not in known:
            old.unlink(missing_ok=True)

    failed = 0
    with (
        tempfile.TemporaryDirectory() as scratch,
        concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool,
    ):
        groups = grouped(waiting, sources)
        results = pool.map(lambda group: list(check(tool, sources, header_filter, group, scratch)), groups)
        for unit, said, seconds in (result for results_of_group in results for result in results_of_group):
            if arguments.times:
                print(f"{seconds:6.1f} s  {unit.path.relative_to(sources.source)}")
            if said:
                failed += 1
                print(said, flush=True)
            else:
                (arguments.cache / unit.digest).touch()
    print(f"{len(found)} files, {len(waiting)} checked now in {len(groups)} groups, {failed} with findings")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
