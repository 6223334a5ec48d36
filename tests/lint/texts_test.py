"""Plants sentences in a tree of its own and expects texts.py to name file and line of each, and of nothing else."""

import pathlib
import subprocess
import sys
import tempfile

import texts

LINT = pathlib.Path(__file__).parent / "texts.py"

CAUGHT = (
    'post("Please try again.");',
    'post("Only {} can "\n     "stop this.");',
    'post(fmt::format("Nothing is {} …", x));',
    'log_info("x"); post("I don\'t know this button.");',
    "const char c = '\"'; post(\"It is \\\"over\\\".\");",
    'constexpr const char* kWhy = "**Failed: {}.** The reason is `x`.";',
)
LET_PASS = (
    'base::log_error("A message (of {}) was lost.", f(x));',
    '// Says "This is over."',
    '#include "A b.h"',
    'throw ConfigError("must not be empty.");',
    'json["key"] = "Yes"; const auto name = "answer.md";',
)


def check(tree, file, text):
    path = tree / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n" + text + "\n")
    run = subprocess.run([sys.executable, LINT, "--source", tree], capture_output=True, text=True, check=False)
    path.unlink()
    return run.returncode, run.stdout


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        # What each exception is for.
        for file, begins, _ in texts.EXCEPTIONS:
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            (tree / file).write_text(f'return "{begins} It is one sentence.";\n')
        for text in CAUGHT:
            status, output = check(tree, "bot/turns/a.cpp", text)
            if status != 1 or "bot/turns/a.cpp:3: " not in output:
                print(f"not caught: {text}\nthe lint said: {output}")
                wrong += 1
        for text in LET_PASS:
            status, output = check(tree, "bot/web/a.cpp", text)
            if status != 0:
                print(f"caught: {text}\nthe lint said: {output}")
                wrong += 1
        status, output = check(tree, "bot/runs/specialist_prompts.cpp", "")
        if status != 1 or "not needed any more" not in output:
            print(f"an exception that nothing needs was not caught: {output}")
            wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
