#!/bin/sh
# Stands in for the Claude Code CLI where hundreds of runs are needed: takes one task in stream-json, "works" for
# $HOME/claude.work seconds (0 if the file is not there), and gives a result. It takes $HOME/claude.start seconds to
# begin its session. $HOME/claude.journal gets one line for each start, each begun session, each end, and an OVERLAP
# where two of them work in one folder at once. A task that behaviours.sh knows is done as it says.
set -u
# shellcheck source=tests/fakes/behaviours.sh
. "${0%/*}/behaviours.sh"
case "${1-}" in
--version) echo "$(cat "$HOME/claude.version" 2>/dev/null || echo 2.1.330) (Claude Code)"; exit 0 ;;
auth) echo '{"loggedIn":true,"authMethod":"fake"}'; exit 0 ;;
esac
session="" mode=new findings=""
while [ $# -gt 0 ]; do
  case "$1" in
  --session-id) session=$2; shift ;;
  --resume) session=$2 mode=resume; shift ;;
  --json-schema) findings='"structured_output":{"summary":"Looked at it.","findings":[]},'; shift ;;
  esac
  shift
done
journal() { echo "$* $session ${PWD##*/}" >>"$HOME/claude.journal"; }
working=$HOME/claude.pid.${PWD##*/}
if [ -f "$working" ] && read -r other <"$working" && [ "$other" != $$ ] && kill -0 "$other" 2>/dev/null; then
  journal OVERLAP "$other"
fi
echo $$ >"$working"
journal start $mode
if [ $mode = resume ] && [ ! -f "$HOME/claude.session.$session" ]; then
  echo "No conversation found with session ID: $session" >&2
  exit 1
fi
if [ -f "$HOME/claude.start" ]; then
  sleep "$(cat "$HOME/claude.start")"
fi
read -r task
# A session that is resumed may go on under another id.
if [ $mode = resume ] && [ -f "$HOME/claude.new-id" ]; then
  session=$(cat "$HOME/claude.new-id")
fi
: >"$HOME/claude.session.$session"
begin() {
  printf '{"type":"system","subtype":"init","session_id":"%s","model":"fake","cwd":"%s"}\n' "$session" "$PWD"
  journal init $mode
}
result() { # SUBTYPE IS_ERROR TEXT
  printf '{"type":"result","subtype":"%s","is_error":%s,"result":"%s","num_turns":1,"session_id":"%s",%s"total_cost_usd":0.01,"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1},"permission_denials":[]}\n' \
    "$1" "$2" "$3" "$session" "$findings"
  journal end $mode
}
used() {
  printf '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t1","name":"%s","input":{"file_path":"%s"}}]}}\n' "$1" "$2"
  printf '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1"}]}}\n'
}
answer() {
  printf '{"type":"assistant","message":{"content":[{"type":"text","text":"%s"}]}}\n' "$1"
  result success false "$1"
}
say() { printf '{"type":"assistant","message":{"id":"%s","content":[{"type":"text","text":"%s"}]}}\n' "$1" "$2"; } # MESSAGE TEXT
failed() {
  result success true "$1"
  exit 1
}
failed_late() { result error_during_execution true "$1"; }
replay() { # UUID: it takes a message up
  printf '{"type":"user","isReplay":true,"uuid":"%s","message":{"role":"user","content":"..."}}\n' "$1"
}
hold() {
  added=""
  while read -r line; do
    case "$line" in
    *'"interrupt"'*)
      result error_during_execution true ""
      # The real one begins with what was added, although it was interrupted and its input is closed.
      if [ -n "$added" ]; then
        replay "$added"
        sleep 600
      fi
      exit 0
      ;;
    *'"type":"user"'*)
      added=$(printf '%s' "$line" | sed 's/.*"uuid":"\([^"]*\)".*/\1/')
      if [ "${1-}" = "and take" ]; then
        replay "$added"
        answer "Left."
        exit 0
      fi
      ;;
    esac
  done
}
# Wants leave for a command, and waits for the word.
ask_leave() { # COMMAND [MEMBERS OF THE REQUEST]
  printf '{"type":"control_request","request_id":"r-%s","request":{"subtype":"can_use_tool","tool_name":"Bash","input":{"command":"%s"}%s}}\n' "$$" "$1" "${2-}"
  while read -r line; do
    case "$line" in
    *'"behavior":"allow"'*) return 0 ;;
    *'"behavior":"deny"'*) return 1 ;;
    *'"interrupt"'*)
      result error_during_execution true ""
      exit 0
      ;;
    esac
  done
  exit 1
}
case "$task" in
*"with leave"*)
  begin
  if ask_leave "git init leave"; then
    answer "I had leave."
  else
    answer "I had no leave."
  fi
  exit 0
  ;;
*"with lasting leave"*)
  # No argument of --allowedTools can say this rule.
  begin
  if ! ask_leave "git init (leave)" ',"permission_suggestions":[{"type":"addRules","rules":[{"toolName":"Bash","ruleContent":"git init (leave)"}],"behavior":"allow","destination":"session"}]'; then
    answer "I had no leave."
    exit 0
  fi
  if [ $mode = new ]; then
    hold
  fi
  answer "I had leave."
  exit 0
  ;;
*"an empty result"*) begin && say m1 "I made it." && result success false "" && exit 0 ;;
*"two blocks"*) begin && say m1 "One." && say m1 "Two." && result success false "One." && exit 0 ;;
*"in colour"*) begin && result success false '\u001b[32m✓\u001b[39m 3 passed' && exit 0 ;;
*"half a character"*) begin && result success false 'It is done \ud83d.' && exit 0 ;;
*"words alone"*) begin && say m1 "I made it." && exit 0 ;;
*"a broken result"*)
  begin && say m1 "I made it."
  printf '{"duration_ms":3, "type": "result","result":"I made it.\n'
  hold
  exit 0
  ;;
*"decline it"*)
  begin
  failed "API Error: Claude Code can't help with this. Start a new session to continue."
  ;;
*"only talk"*) findings="" ;;
esac
if behave "$task"; then
  exit 0
fi
begin
if [ -f "$HOME/claude.work" ]; then
  sleep "$(cat "$HOME/claude.work")"
fi
echo "made by $session" >>made.txt
result success false "Made made.txt."
