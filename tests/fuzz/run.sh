#!/usr/bin/env bash
# Fuzzes with libFuzzer and keeps, of what it finds, what reaches new code. Needs clang.
set -euo pipefail

root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")")
minutes=60
max_len=1024
targets=()

usage() {
  cat <<TEXT
usage: tests/fuzz/run.sh [--minutes N] [TARGET...]

Builds the preset fuzz and fuzzes each target (default: all) on one core, N minutes in all (default: $minutes). What it
found lies in build/fuzz/found/<target>; of it, up to five inputs that run most code which the committed corpus does
not run are added to tests/fuzz/corpus/<target>. An input that breaks a parser is named and kept in build/fuzz/; put it into the corpus,
under a name that says what it is, with the fix. Exit 1 if there is one.
TEXT
}

while (($# > 0)); do
  case $1 in
    --minutes)
      minutes=${2:-}
      [[ $minutes =~ ^[1-9][0-9]*$ ]] || { echo "run.sh: --minutes needs a number from 1" >&2; exit 2; }
      shift
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *) targets+=("$1") ;;
  esac
  shift
done

cd -- "$root"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
if ((${#targets[@]} == 0)); then
  for program in build/fuzz/*_fuzz; do
    name=${program##*/}
    targets+=("${name%_fuzz}")
  done
fi

broken=0
for target in "${targets[@]}"; do
  program=build/fuzz/${target}_fuzz
  corpus=tests/fuzz/corpus/$target
  found=build/fuzz/found/$target
  mkdir -p "$found" "$corpus"
  echo "--- $target"
  nice "$program" -max_total_time=$((minutes * 60 / ${#targets[@]})) -max_len=$max_len -timeout=10 \
    -dict=tests/fuzz/dictionary.txt -artifact_prefix="build/fuzz/$target-" -verbosity=0 "$found" "$corpus" || broken=1
  # How often a line runs is left out of account, and only the best are taken, so that the corpus stays small.
  rm -rf build/fuzz/merged build/fuzz/merge-control
  cp -r "$corpus" build/fuzz/merged
  nice "$program" -set_cover_merge=1 -merge_control_file=build/fuzz/merge-control -use_counters=0 -max_len=$max_len \
    -verbosity=0 build/fuzz/merged "$found"
  tests/fuzz/choose.py build/fuzz/merge-control "$corpus" --most 5
done
exit "$broken"
