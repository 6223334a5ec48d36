#!/usr/bin/env bash
# usage_test.sh test_NAME: what start.sh and test.sh answer before they install or build anything.
set -euo pipefail

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Runs a command; sets `status`, `out` and `err`.
run() {
  local folder
  folder=$(mktemp -d)
  status=0
  "$@" >"$folder/out" 2>"$folder/err" </dev/null || status=$?
  out=$(<"$folder/out")
  err=$(<"$folder/err")
  rm -r "$folder"
}

# Wrong usage: exit 2, nothing on stdout, one line that says `word` on stderr.
expect_wrong_usage() { # WORD COMMAND...
  local word=$1
  shift
  run "$@"
  ((status == 2)) || fail "$*: exit $status instead of 2; $err"
  [[ -z $out ]] || fail "$*: wrote to stdout: $out"
  [[ $err == *"$word"* && $err != *$'\n'* ]] || fail "$*: not one line that says '$word': $err"
}

expect_help() { # COMMAND...
  run "$@"
  ((status == 0)) || fail "$*: exit $status; $err"
  [[ $out == usage:* ]] || fail "$*: no usage on stdout: $out"
}

test_start_refuses_a_flag_it_does_not_know() { expect_wrong_usage --no-specialst "$root/start.sh" --no-specialst; }
test_start_refuses_arguments_without_dashes() { expect_wrong_usage "'--listen'" "$root/start.sh" --listen 127.0.0.1:1; }
test_start_shows_its_usage() { expect_help "$root/start.sh" --help; }
test_test_refuses_a_flag_it_does_not_know() { expect_wrong_usage --fast "$root/test.sh" --fast; }
test_test_refuses_a_label_that_does_not_exist() { expect_wrong_usage contract "$root/test.sh" --only units; }
test_test_refuses_only_without_a_label() { expect_wrong_usage label "$root/test.sh" --only; }
test_test_shows_its_usage() { expect_help "$root/test.sh" --help; }

test_usage_is_shown_from_another_folder_without_a_home() {
  cd /
  expect_help env -u HOME "$root/start.sh" --help
  expect_help env HOME= "$root/test.sh" --help
}

test_scripts_work_through_a_symbolic_link() {
  local folder
  folder=$(mktemp -d)
  ln -s "$root/start.sh" "$folder/start"
  expect_help "$folder/start" --help
  rm -r "$folder"
}

"$1"
