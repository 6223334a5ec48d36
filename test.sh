#!/usr/bin/env bash
# Installs what is missing, builds every preset and runs every test. The last line is "N passed, N failed".
set -euo pipefail

root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=cmake/install.sh
source "$root/cmake/install.sh"

labels=(unit contract functional crash fuzz browser lint scripts threaded bench)
only=""

usage() {
  cat <<TEXT
usage: ./test.sh [--only LABEL]

Installs what is missing (Debian 12 or later, Ubuntu 24.04), builds the presets release, dev, asan and tsan, runs
every test and ends with the line "N passed, N failed". Exit status: 1 if a test failed or none ran.

  --only LABEL  run only the tests with that label, in every build that has them:
                ${labels[*]}
  --help        show this
TEXT
}

wrong_usage() {
  say "test.sh: $1"
  exit 2
}

parse() {
  while (($# > 0)); do
    case $1 in
      --only)
        (($# > 1)) || wrong_usage "--only needs a label: ${labels[*]}"
        only=$2
        [[ " ${labels[*]} " == *" $only "* ]] || wrong_usage "unknown label '$only'; valid: ${labels[*]}"
        shift
        ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) wrong_usage "unknown argument '$1'; valid: --only LABEL, --help" ;;
    esac
    shift
  done
}

# --- what the tests need ---------------------------------------------------------------------------------------------

# aimock needs zlib.crc32, which Node.js has since 20.15 and 22.2; Playwright needs 20.
node_is_new_enough() {
  have node && node -e 'process.exit(typeof require("node:zlib").crc32 === "function" ? 0 : 1)' 2>/dev/null
}

install_all() {
  install_system build npm test
  if ! node_is_new_enough; then
    npm_install node "$root/tests/npm/node" || die "npm could not install Node.js for the tests ($npm_sentence)."
    local folders=("$root"/build/npm/node/node_modules/node-linux-*/bin)
    PATH="${folders[0]}:$PATH"
    node_is_new_enough || die "The tests need Node.js 20.15 or newer, and npm has none for this machine; install one, then run this again."
  fi
  npm_install tests "$root/tests/npm" || die "npm could not install what the tests need ($npm_sentence)."
  fetch_chromium || die "Chromium could not be installed for the tests of the page (see above): install chromium or google-chrome, then run this again."
  # Even where the user has a claude: the tests speak to the version that is pinned.
  npm_install specialist "$root/dispatch/npm" || die "npm could not install the Claude Code CLI ($npm_sentence)."
}

# --- results ---------------------------------------------------------------------------------------------------------

results=""          # folder for this run's results
stages_failed=0     # builds that failed, each counted as a failed test

note_failed_stage() {
  say "FAILED: $1"
  stages_failed=$((stages_failed + 1))
}

build_preset() { # PRESET
  local cache=$root/build/$1/CMakeCache.txt options=()
  # The benchmarks measure the program as users run it, so they are built beside it; start.sh leaves them out.
  [[ $1 != release ]] || options=(-DBUILD_TESTING=ON -DFRONTDESK_TESTS=bench)
  say "--- building $1"
  if needs_configuring "$1" || ! grep -q '^BUILD_TESTING:.*=ON$' "$cache"; then
    configure "$1" "${options[@]}" || return 1
  fi
  build "$1"
}

# Which builds have tests with the label that was asked for.
presets_for_label() {
  case $only in
    browser | lint | scripts) printf '%s\n' release dev ;;
    bench) printf '%s\n' release ;;
    *) printf '%s\n' release dev asan tsan ;;
  esac
}

# --- running ---------------------------------------------------------------------------------------------------------

scratch=""   # HOME, TMPDIR and the like of the tests
run_id=""

# The tests see nothing of the user's own settings, keys or home folder.
prepare_environment() {
  local name
  for name in $(compgen -e); do
    case $name in
      ANTHROPIC_* | CLAUDE* | DISPATCH_* | XDG_* | FRONTDESK_*) unset "$name" ;;
    esac
  done
  find_chromium || true
  mkdir -p "$scratch/home" "$scratch/tmp"
  export HOME=$scratch/home TMPDIR=$scratch/tmp TZ=UTC LANG=C.UTF-8 LC_ALL=C.UTF-8
  export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}"
  export FRONTDESK_CHROMIUM
  export FRONTDESK_NPM_BIN=$root/build/npm/tests/node_modules/.bin
  export FRONTDESK_NODE_MODULES=$root/build/npm/tests/node_modules
  export FRONTDESK_CLAUDE=$root/build/npm/specialist/node_modules/.bin/claude
  export FRONTDESK_TAP_DIR=$results/tap
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
}

run_tests() { # PRESET PROGRAM
  local preset=$1 program=$2 selection=()
  [[ -z $only ]] || selection=(-L "^$only\$")
  say "--- testing $preset"
  # The result is read from the JUnit file; ctest keeps the last part of what each test wrote.
  FRONTDESK_BIN=$program FRONTDESK_TEST_RUN=$run_id ctest --test-dir "$root/build/$preset" --parallel "$(nproc)" \
    --timeout 120 "${selection[@]}" --output-junit "$results/$preset.xml" --test-output-truncation head 9>&- >&2 || true
  [[ -s $results/$preset.xml ]] || note_failed_stage "ctest in $preset gave no results"
}

# Processes that a test started, by the mark in their environment or by standing in the tests' folder.
leftover_processes() {
  local entry pid
  for entry in /proc/[0-9]*; do
    pid=${entry#/proc/}
    [[ $pid != "$$" && $pid != "$BASHPID" ]] || continue
    if [[ $(readlink "$entry/cwd" 2>/dev/null) == "$scratch"* ]] ||
      grep -qzsxF "FRONTDESK_TEST_RUN=$run_id" "$entry/environ" 2>/dev/null; then
      printf '%s\n' "$pid"
    fi
  done
}

# Gives processes that are ending three seconds, then names and kills the others.
check_leftovers() {
  local pids=() pid tries
  for ((tries = 0; tries < 30; ++tries)); do
    mapfile -t pids < <(leftover_processes)
    ((${#pids[@]} > 0)) || return 0
    sleep 0.1
  done
  say "These processes were left behind by the tests:"
  for pid in "${pids[@]}"; do
    say "  $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c 1-200)"
    kill -KILL "$pid" 2>/dev/null || true
  done
  return 1
}

clean_up() {
  local pid
  [[ -n $scratch ]] || return 0
  while read -r pid; do
    kill -KILL "$pid" 2>/dev/null || true
  done < <(leftover_processes)
  chmod -R u+rwX "$scratch" 2>/dev/null || true
  rm -rf "$scratch"
}

main() {
  local preset built=() leftovers=0
  parse "$@"
  lock_build
  install_all
  results=$root/build/test-results
  rm -rf "$results"
  mkdir -p "$results/tap"

  while read -r preset; do
    if build_preset "$preset"; then
      built+=("$preset")
    else
      note_failed_stage "the build of $preset"
    fi
  done < <(presets_for_label)
  unlock_build

  trap clean_up EXIT
  trap 'exit 130' INT TERM HUP
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/frontdesk-test.XXXXXX")
  run_id=$(basename "$scratch")-$$
  prepare_environment
  for preset in "${built[@]}"; do
    case $preset in
      asan) run_tests "$preset" "$root/build/asan/frontdesk" ;;
      *) run_tests "$preset" "$root/build/release/frontdesk" ;;
    esac
  done
  check_leftovers || leftovers=1

  python3 "$root/cmake/test_summary.py" "$results" --stages-failed "$stages_failed" --leftovers "$leftovers"
}

main "$@"
