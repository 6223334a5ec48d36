"""Plants a service's name where it must not stand, and where it may, in a tree of its own; service_names.py must tell
the two apart and name file and line."""

import pathlib
import subprocess
import sys
import tempfile

LINT = pathlib.Path(__file__).with_name("service_names.py")
TREE = {
    "bot/platforms/pigeon/platform.cpp": "// Pigeon",
    "bot/platforms/smoke/platform.cpp": "// smoke signals",
    "bot/platforms/shared/ids.cpp": "// what several need",
    "bot/platforms/web/platform.cpp": "// the page",
    "bot/platforms/chat_platforms.cpp": '#include "bot/platforms/pigeon/platform.h"\npigeon, smoke',
    "bot/platforms/CMakeLists.txt": "set(SERVICES pigeon smoke)",
    "bot/cli/init.cpp": "// every webhook of the web page is shared",
    "tests/unit/pigeon_test.cpp": "pigeon",
    "docs/chat-services.md": "Pigeon",
    "README.md": "PIGEON",
    "CHANGELOG.md": "Pigeon",
}
CAUGHT = {
    "bot/cli/init.cpp": "// [chat.x] platform = \"pigeon\"",
    "bot/web/server.h": "/// What Smoke sends.",
    "bot/platforms/shared/ids.cpp": "bool is_pigeon_id();",
    "bot/platforms/smoke/platform.cpp": "// as Pigeon does",
    "bot/platforms/web/platform.cpp": "PIGEON_MARKUP",
    "bot/chat/CMakeLists.txt": "pigeon.cpp",
    "CMakeLists.txt": "# pigeon",
    "start.sh": "# pigeon",
}


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        result = subprocess.run([sys.executable, LINT, "--source", folder], capture_output=True, text=True, check=False)
        return result.returncode, result.stdout + result.stderr


def main():
    failures = []
    status, output = run(TREE)
    if status != 0:
        failures.append(f"a tree without violations was refused: {output}")
    for name, line in CAUGHT.items():
        status, output = run({**TREE, name: "first\n" + line})
        if status != 1 or f"{name}:2: " not in output:
            failures.append(f"not caught: {line} in {name}; the check said: {output}")
    status, output = run({"bot/platforms/web/platform.cpp": ""})
    if status == 0:
        failures.append("a tree without a service was taken, so that nothing was looked for")
    print("\n".join(failures) or f"{len(CAUGHT)} violations were caught")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
