#!/bin/sh
# Stands in for OpenAI Codex: codex.sh exec --json -s MODE -m MODEL [resume SESSION] -, the task on its input. It speaks
# the events of `codex exec --json` (0.169.0) and does what behaviours.sh says; any other task makes made.txt.
set -u
# shellcheck source=tests/fakes/behaviours.sh
. "${0%/*}/behaviours.sh"
if [ "${1-}" = --version ]; then
  echo "codex-cli 0.169.0"
  exit 0
fi
arguments="$*"
session="" mode="" model=""
while [ $# -gt 0 ]; do
  case "$1" in
  resume) session=$2; shift ;;
  -s) mode=$2; shift ;;
  -m) model=$2; shift ;;
  esac
  shift
done
task=$(cat)
echo "$arguments" >>"$HOME/codex.journal"
printf '%s\n' "$task" >"$HOME/codex.task"
env | cut -d= -f1 | sort >"$HOME/codex.environment"
if [ -n "$session" ] && [ ! -f "$HOME/codex.session.$session" ]; then
  echo "Error: thread/resume: thread/resume failed: no rollout found for thread id $session (code -32600)" >&2
  exit 1
fi
if [ -z "$session" ]; then
  read -r session </proc/sys/kernel/random/uuid
  : >"$HOME/codex.session.$session"
fi
begin() { printf '{"type":"thread.started","thread_id":"%s"}\n{"type":"turn.started"}\n' "$session"; }
used() {
  printf '{"type":"item.started","item":{"id":"item_0","type":"command_execution","command":"%s","status":"in_progress"}}\n' "$2"
  printf '{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"%s","status":"completed"}}\n' "$2"
}
answer() {
  printf '{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"%s"}}\n' "$1"
  echo turn >>"$HOME/codex.session.$session"
  turns=$(wc -l <"$HOME/codex.session.$session") # it counts the whole thread
  printf '{"type":"turn.completed","usage":{"input_tokens":%d,"cached_input_tokens":%d,"output_tokens":%d}}\n' \
    $((1200 * turns)) $((200 * turns)) $((50 * turns))
}
failed() {
  printf '{"type":"error","message":"%s"}\n{"type":"turn.failed","error":{"message":"%s"}}\n' "$1" "$1"
  exit 1
}
failed_late() { printf '{"type":"turn.failed","error":{"message":"%s"}}\n' "$1"; }
hold() { sleep 600; }
if behave "$task"; then
  exit 0
fi
begin
if [ "$mode" = workspace-write ]; then
  echo "made with $model" >>made.txt
  answer "Made made.txt."
else
  answer 'I looked.\n\n{\"summary\":\"Looked at it.\",\"findings\":[{\"severity\":\"low\",\"file\":\"made.txt\",\"line\":1,\"problem\":\"dull\",\"fix\":\"cheer up\"}]}'
fi
