#!/usr/bin/env python3
"""Stands in for the Claude Code CLI in the hostile suite: a specialist that does as it is told.

Runs what stands in its task after "RUN:" with sh, in its folder and within whatever holds it, and gives what that
printed as its answer. Descriptor 3 of the script is the CLI's own output, where it can claim anything; $CLI is the
process id of the CLI. With $HOME/claude.journal it notes each start.
"""
import json
import os
import re
import subprocess
import sys

arguments = sys.argv[1:]
if arguments[:1] == ["--version"]:
    print("2.1.330 (Claude Code)")
    sys.exit(0)
if arguments[:1] == ["auth"]:
    print('{"loggedIn":true,"authMethod":"fake"}')
    sys.exit(0)

session = ""
for flag in ("--session-id", "--resume"):
    if flag in arguments:
        session = arguments[arguments.index(flag) + 1]


def say(event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


task = json.loads(sys.stdin.readline())
text = json.dumps(task)
say({"type": "system", "subtype": "init", "session_id": session, "model": "fake", "cwd": os.getcwd()})
content = task["message"]["content"]
if not isinstance(content, str):
    content = "".join(block.get("text", "") for block in content)
found = re.search(r"RUN:(.*?)(?::END|$)", content, re.DOTALL)
script = found.group(1) if found else "echo nothing to run"
os.dup2(sys.stdout.fileno(), 3)
os.set_inheritable(3, True)
child = subprocess.run(["sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       close_fds=False, env=dict(os.environ, CLI=str(os.getpid()), SESSION=session), check=False)
answer = child.stdout.decode("utf-8", "replace")
if "SILENT" not in answer:
    say({"type": "result", "subtype": "success", "is_error": False, "result": answer, "num_turns": 1,
         "session_id": session, "total_cost_usd": 0.01, "stop_reason": "end_turn",
         "usage": {"input_tokens": 1000, "output_tokens": 100}, "permission_denials": []})
