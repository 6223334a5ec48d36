"""Plants one mistake of each kind in a tree of its own and expects tidy.py to name file and check of each.

The files are read several at a time with clean ones that declare the same names, which must not hide a mistake. Exit
status 77 (skipped, for ctest) where clang-tidy is not the version that tidy.py wants.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

import tidy

CLEAN = """namespace {
struct Fixture {
  int number;
};
}  // namespace
int number_%d(const Fixture& fixture) {
  return fixture.number;
}
"""

# Check and a file in which it finds something. No header but a small one, since each is read twice.
MISTAKES = {
    "bugprone-use-after-move": "Text f(Text a) {\n  Text b = std::move(a);\n  return a.size() > 0 ? a : b;\n}\n",
    "bugprone-sizeof-expression": "unsigned long f(const char* a) {\n  return sizeof(a) / sizeof(a[0]);\n}\n",
    "performance-unnecessary-copy-initialization": "const Text& g();\nint f() {\n  const Text a = g();\n  return a.size();\n}\n",
    "cppcoreguidelines-pro-type-member-init": "struct Fixture {\n  Fixture() {}\n  int a;\n};\n",
    "misc-unused-parameters": "int f(int a) {\n  return 1;\n}\n",
    "misc-redundant-expression": "bool f(int a) {\n  return a == a;\n}\n",
    "modernize-use-override": "struct B : Base {\n  virtual void g();\n};\n",
    "readability-else-after-return": "int f(int a) {\n  if (a == 1) {\n    return 1;\n  } else {\n    return 2;\n  }\n}\n",
    "is declared and not used": "using base::Text;\n",
}
HEADER = """#pragma once
namespace base {
struct Text {
  Text(const Text& other);
  Text(Text&& other) noexcept;
  ~Text();
  int size() const;
};
struct Base {
  virtual ~Base() = default;
  virtual void g();
};
}  // namespace base
"""
INCLUDES = '#include <utility>\n\n#include "base/text.h"\n'


def run(scratch, cache):
    """(status, output) of tidy.py over the tree."""
    script = pathlib.Path(tidy.__file__)
    command = [sys.executable, script, "--source", scratch, "--build", scratch, "--cache", cache]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    scratch = parser.parse_args().scratch.resolve()
    shutil.rmtree(scratch, ignore_errors=True)
    folder = scratch / "base"
    folder.mkdir(parents=True)
    shutil.copy(pathlib.Path(__file__).parents[2] / ".clang-tidy", scratch)

    texts = {f"clean_{i}.cpp": CLEAN % i for i in range(len(MISTAKES))}
    for i, text in enumerate(MISTAKES.values()):
        texts[f"mistake_{i}.cpp"] = f"{INCLUDES}namespace base {{\n{text}}}\n".replace(" f(", f" f_{i}(")
    (folder / "text.h").write_text(HEADER)
    for name, text in texts.items():
        (folder / name).write_text(text)
    entries = [
        {"directory": str(scratch), "file": str(folder / name), "command": f"clang++ -std=c++20 -I{scratch} -c {folder / name}"}
        for name in texts
    ]
    (scratch / "compile_commands.json").write_text(json.dumps(entries))

    status, said = run(scratch, scratch / "cache")
    if status == tidy.SKIPPED:
        print(said)
        return status
    problems = []
    for i, check in enumerate(MISTAKES):
        if not any(f"mistake_{i}.cpp:" in line and check in line for line in said.splitlines()):
            problems.append(f"{check} did not name mistake_{i}.cpp")
    if "clean_" in said:
        problems.append("a clean file was named")
    if f"{len(MISTAKES)} with findings" not in said or status != 1:
        problems.append(f"exit {status}, but not for {len(MISTAKES)} files")
    again = run(scratch, scratch / "cache")[1]
    if f"{len(MISTAKES)} checked now" not in again:
        problems.append("a clean file was read again, or one with a mistake was not")
    for problem in problems:
        print(problem)
    if problems:
        print(said, again, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
