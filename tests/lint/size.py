#!/usr/bin/env python3
"""Bounds the length of functions and files.

size.py [--source DIR] [--table]

Exits with 1 and one line for each function or file over its bound, and for each exception that no longer applies. A
function is counted from the line of its name to its closing brace, a file by its lines. --table prints how many
functions there are, the longest ten, and the files of more than 300 lines.
"""
import argparse
import pathlib
import re
import sys
from typing import NamedTuple


class Bound(NamedTuple):
    folders: tuple
    function: int
    file: int


CODE = Bound(("base", "config", "store", "llm", "router", "dispatch", "bot", "tests/support", "tests/bench"), 60, 400)
# A test file is a list of cases: it may be longer, its cases may not.
TESTS = Bound(("tests/unit", "tests/contract", "tests/functional", "tests/crash", "tests/fuzz"), 60, 600)


class Allowed(NamedTuple):
    lines: int  # so that it does not grow
    why: str


# "file" or "file: function" (a test case by its name). One that is no longer needed is an error.
EXCEPTIONS = {}

LONG_FILE = 300


class Function(NamedTuple):
    path: str
    line: int
    name: str
    lines: int


class Unreadable(Exception):
    """The braces of a file do not match as the scanner reads them."""


class Token(NamedTuple):
    text: str
    line: int


TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      | (?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>(?:u8|[uUL])?"(?:\\.|[^"\\\n])*")
      | (?P<number>\.?\d(?:'?[\w.]|(?<=[eEpP])[+-])*)
      | (?P<char>(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')
      | (?P<directive>\#(?:\\\n|/\*.*?\*/|[^\n])*)
      | (?P<word>operator\s*(?:\(\s*\)|\[\s*\]|[-+*/%^&|~!=<>,]+)|\w+)
      | (?P<sign>::|->|.)""",
    re.DOTALL | re.VERBOSE,
)


def tokens_of(text):
    """The tokens that count: no comments, no directives; a string keeps its text."""
    line = 1
    for match in TOKEN.finditer(text):
        kind = match.lastgroup if match.lastgroup != "mark" else "raw"
        if kind not in ("space", "comment", "directive"):
            yield Token(match.group(), line)
        line += match.group().count("\n")


def after_brackets(tokens, at, open_sign="(", close_sign=")"):
    """The index behind the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].text == open_sign) - (tokens[i].text == close_sign)
        if depth == 0:
            return i + 1
    raise Unreadable(f"line {tokens[at].line}: {open_sign} is never closed")


def without_prefix(head):
    """The head of a declaration without template<…>, [[…]] and alignas(…)."""
    while head:
        if head[0].text == "template" and len(head) > 1 and head[1].text == "<":
            head = head[after_brackets(head, 1, "<", ">") :]
        elif head[0].text == "[":
            head = head[after_brackets(head, 0, "[", "]") :]
        elif head[0].text in ("typedef", "inline", "static", "constexpr", "export"):
            head = head[1:]
        else:
            break
    return head


def at_top(head):
    """The tokens of the head outside of parentheses; each pair of those is one token "()"."""
    top = []
    i = 0
    while i < len(head):
        if head[i].text == "(":
            top.append(Token("()", head[i].line))
            i = after_brackets(head, i)
        else:
            top.append(head[i])
            i += 1
    return top


BEHIND_PARAMETERS = {"()", "const", "noexcept", "override", "final", "mutable", "volatile", "try", "&", "]", "}"}


def kind_of(head):
    """What the brace behind this head opens, at the scope of a namespace or class."""
    head = without_prefix(head)
    words = [token.text for token in head]
    if not words:
        return "skip"
    if words[0] == "namespace" or words == ["extern", '"C"'] or words[0].startswith("TEST_SUITE"):
        return "scope"
    top = [token.text for token in at_top(head)]
    if words[0] in ("class", "struct", "union") and top[-1] != "()":  # `struct flock f() {` is a function
        return "scope"
    if words[0] == "enum":
        return "skip"
    if "=" in top or "()" not in top:
        return "skip"  # an initializer
    behind = top[top.index("()") + 1 :]
    if top[-1] in BEHIND_PARAMETERS or "->" in behind or "requires" in top:
        return "function"
    return "member" if ":" in behind else "skip"


def name_of(head):
    """Name and line of the function, a test case by its sentence."""
    head = without_prefix(head)
    at = next(i for i, token in enumerate(head) if token.text == "(")
    if re.match(r"(TEST_CASE|SCENARIO)", head[at - 1].text):
        sentence = "".join(t.text[1:-1] for t in head[at:] if t.text.startswith('"'))
        return sentence, head[at - 1].line
    begin = at - 1
    while begin >= 2 and head[begin - 1].text in ("::", "~"):
        begin -= 1 if head[begin - 1].text == "~" else 2
    if begin >= 1 and head[begin - 1].text == "operator":
        begin -= 1
    return " ".join(t.text for t in head[begin:at]).replace(" :: ", "::").replace("~ ", "~"), head[begin].line


def functions_of(path, text):
    tokens = list(tokens_of(text))
    found = []
    scopes = 0
    head = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.text == "{":
            kind = kind_of(head)
            if kind == "scope":
                scopes += 1
                head = []
                i += 1
                continue
            end = after_brackets(tokens, i, "{", "}")
            if kind == "member":  # of a constructor's list
                head.append(Token("}", tokens[end - 1].line))
            elif kind == "function":
                name, line = name_of(head)
                found.append(Function(path, line, name, tokens[end - 1].line - line + 1))
                head = []
            i = end
            continue
        if token.text == "}":
            scopes -= 1
            if scopes < 0:
                raise Unreadable(f"line {token.line}: a closing brace too many")
            head = []
        elif token.text == ";":
            head = []
        elif token.text == ":" and len(head) == 1 and head[0].text in ("public", "private", "protected"):
            head = []
        elif token.text == "(":
            end = after_brackets(tokens, i)
            head.extend(tokens[i:end])
            i = end
            continue
        else:
            head.append(token)
        i += 1
    if scopes != 0:
        raise Unreadable("a brace is never closed")
    return found


class Report(NamedTuple):
    problems: list
    functions: list
    files: list  # path, lines


def check(root, bounds=(CODE, TESTS), exceptions=None):
    exceptions = EXCEPTIONS if exceptions is None else exceptions
    report = Report([], [], [])
    used = set()

    def bound(key, where, what, lines, most):
        if lines <= most:
            return
        allowed = exceptions.get(key)
        if allowed is None:
            report.problems.append(f"{where}: {what} has {lines} lines; at most {most}")
            return
        used.add(key)
        if lines > allowed.lines:
            report.problems.append(f"{where}: {what} has {lines} lines; the exception allows {allowed.lines}")

    for rule in bounds:
        paths = [p for folder in rule.folders for p in sorted((root / folder).rglob("*")) if p.suffix in (".cpp", ".h")]
        for path in paths:
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            lines = text.count("\n")
            report.files.append((name, lines))
            bound(name, name, "the file", lines, rule.file)
            try:
                functions = functions_of(name, text)
            except Unreadable as e:
                report.problems.append(f"{name}: cannot be read: {e}")
                continue
            for f in functions:
                report.functions.append(f)
                bound(f"{name}: {f.name}", f"{name}:{f.line}", f.name, f.lines, rule.function)
    for key in sorted(set(exceptions) - used):
        report.problems.append(f"{key}: the exception no longer applies; take it out of tests/lint/size.py")
    return report


def print_table(report):
    print(f"{len(report.functions)} functions in {len(report.files)} files; the longest:")
    for f in sorted(report.functions, key=lambda f: (-f.lines, f.path, f.line))[:10]:
        print(f"{f.lines:5}  {f.path}:{f.line}  {f.name}")
    print(f"files of more than {LONG_FILE} lines:")
    for name, lines in sorted(report.files, key=lambda file: (-file[1], file[0])):
        if lines > LONG_FILE:
            print(f"{lines:5}  {name}")
    for key, allowed in sorted(EXCEPTIONS.items()):
        print(f"exception: {key} ({allowed.lines}): {allowed.why}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--source", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    report = check(arguments.source)
    if arguments.table:
        print_table(report)
    for problem in report.problems:
        print(problem)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
