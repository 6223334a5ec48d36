#!/usr/bin/env bash
# summary_test.sh test_NAME: what ./test.sh counts, on result files like those that ctest writes.
set -euo pipefail

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tap"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# One file of results: pairs of a test's name and "run", or what it wrote when it failed.
results() { # FILE [NAME RESULT]...
  local file=$folder/$1
  shift
  {
    echo '<testsuite>'
    while (($# > 0)); do
      if [[ $2 == run ]]; then
        printf '<testcase name="%s" status="run"/>\n' "$1"
      else
        printf '<testcase name="%s" status="fail"><failure message=""/><system-out>%s</system-out></testcase>\n' "$1" "$2"
      fi
      shift 2
    done
    echo '</testsuite>'
  } >"$file"
}

summary() {
  status=0
  sum=$(python3 "$root/cmake/test_summary.py" "$@" 2>"$folder/told") || status=$?
}

expect() { # STATUS SUM
  [[ $status == "$1" && $sum == "$2" ]] || fail "wanted $1 '$2', got $status '$sum'"
}

test_what_failed_is_counted_and_shown() {
  results asan.xml functional/a run functional/b "it broke"
  summary "$folder"
  expect 1 "2 passed, 1 failed"
  grep -q "it broke" "$folder/told" || fail "not shown"
}

test_what_passes_alone_counts_and_is_named() {
  results asan.xml functional/a run functional/b "it broke"
  results asan.again functional/b run
  summary "$folder"
  expect 0 "3 passed, 0 failed"
  grep -q "functional/b is unsteady" "$folder/told" || fail "not named"
  results asan.again functional/b "again"
  summary "$folder"
  expect 1 "2 passed, 1 failed"
}

test_only_a_few_run_again_and_no_proof_does() {
  local name file=$folder/asan.xml
  results asan.xml functional/a run functional/b "it broke" unit/c "it broke"
  python3 "$root/cmake/test_summary.py" --may-try-again "$file" || fail "a few"
  results asan.xml functional/a run
  ! python3 "$root/cmake/test_summary.py" --may-try-again "$file" || fail "none failed"
  results asan.xml functional/a x functional/b x functional/c x
  ! python3 "$root/cmake/test_summary.py" --may-try-again "$file" || fail "too many"
  results asan.xml functional/a "SUMMARY: ThreadSanitizer: data race"
  ! python3 "$root/cmake/test_summary.py" --may-try-again "$file" || fail "a data race"
  results asan.xml functional/a ""
  ! python3 "$root/cmake/test_summary.py" --may-try-again "$file" || fail "a test that hung or died"
  for name in crash/storm "unit/a: threaded: b" "contract/a: killed at any call of a long answer" lint/tidy bench/load; do
    results asan.xml "$name" "lost 1"
    ! python3 "$root/cmake/test_summary.py" --may-try-again "$file" || fail "$name"
  done
}

test_nothing_that_ran_is_a_failure() {
  summary "$folder"
  expect 1 "0 passed, 0 failed"
}

"$1"
