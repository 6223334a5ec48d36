"""Finds sentences that stand in the code of a folder that talks to people through bot/texts.

A sentence is a string literal, adjacent ones joined, with a capital, a space and after them a full stop, a question
mark, an exclamation mark or an ellipsis that ends a word. What is logged is none of a chat's business and passed over.
"""

import argparse
import pathlib
import re
import sys

ROOMS = ("access", "chat", "memory", "messages", "reminders", "runs", "turns", "web")

# Sentences that no chat shows: the file, how the literal begins, and why it may stay ("" for all of the file).
EXCEPTIONS = (
    ("bot/reminders/asked_time.cpp", "", "read by the secretary's model"),
    ("bot/reminders/schedule.cpp", "", "read by the secretary's model"),
    ("bot/reminders/tools.cpp", "", "read by the secretary's model"),
    ("bot/memory/note_tools.cpp", "", "read by the secretary's model"),
    ("bot/memory/said_search.cpp", "", "read by the secretary's model"),
    ("bot/runs/specialist_prompts.cpp", "", "read by the specialist's model"),
    ("bot/messages/enclosures.cpp", "{}\\n\\nWith the order came words of others.", "read by the specialist's model"),
    ("bot/messages/attachments.cpp", "\\nThe person attached a file that is not here.", "read by the specialist's model"),
)

LITERAL = r'"(?:[^"\\\n]|\\.)*"'
# Comments and character literals are matched so that a quote in them begins nothing.
TOKEN = re.compile(
    rf"//[^\n]*|/\*.*?\*/|'(?:[^'\\\n]|\\.)+'|#include[^\n]*|(?P<log>\blog_(?:info|warning|error)\()"
    rf"|(?P<text>{LITERAL}(?:\s*{LITERAL})*)|(?P<open>\()|(?P<close>\))",
    re.S,
)
SENTENCE = re.compile(r"[A-Z].* .*(?:[\w`*\"')}][.?!]|…)(?:$|[\s`*\"')]|\\[n\"])", re.S)


def sentences(source):
    """(line, literal) of each sentence in the text of a .cpp or .h."""
    depth, log_depth = 0, None
    for match in TOKEN.finditer(source):
        if match["log"]:
            log_depth = depth if log_depth is None else log_depth
            depth += 1
        elif match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
            log_depth = None if log_depth == depth else log_depth
        elif match["text"] and log_depth is None:
            text = "".join(literal[1:-1] for literal in re.findall(LITERAL, match["text"]))
            if SENTENCE.search(text):
                yield source.count("\n", 0, match.start()) + 1, text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True, help="the project's folder")
    source = parser.parse_args().source
    files = [path for room in ROOMS for path in sorted((source / "bot" / room).rglob("*")) if path.suffix in (".cpp", ".h")]
    if not files:
        sys.exit(f"no source file found in {source}")
    found = 0
    unused = set(EXCEPTIONS)
    for path in files:
        name = path.relative_to(source).as_posix()
        for line, text in sentences(path.read_text()):
            exception = next((e for e in EXCEPTIONS if e[0] == name and text.startswith(e[1])), None)
            if exception:
                unused.discard(exception)
                continue
            print(f'{name}:{line}: "{text}" is a sentence; those that a chat shows belong in bot/texts')
            found += 1
    for name, text, _ in sorted(unused):
        print(f'{name}: the exception "{text}" in tests/lint/texts.py is not needed any more')
    if found or unused:
        sys.exit(1)
    print(f"{len(files)} files hold no sentence for a chat")


if __name__ == "__main__":
    main()
