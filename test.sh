#!/usr/bin/env bash
# Installs what is missing, builds and runs every test. The last line is "N passed, N failed".
set -euo pipefail

root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=cmake/install.sh
source "$root/cmake/install.sh"

labels=(unit contract functional hostile crash fuzz browser lint scripts threaded bench)
only=""

usage() {
  cat <<TEXT
usage: ./test.sh [--only LABEL]

Installs what is missing (Debian 12 or later, Ubuntu 24.04), builds the presets release, asan and tsan, runs every
test and ends with the line "N passed, N failed". Exit status: 1 if a test failed or none ran.

  --only LABEL  run only the tests with that label, in the one build where that is quickest (without a sanitizer but
                for threaded), which is the loop after a change:
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
  npm_install hands "$root/tests/npm/hands" || die "npm could not install the servers for the secretary's tools ($npm_sentence)."
  unpack_packages services python3-radicale python3-aiosmtpd dovecot-imapd nginx caddy prometheus
  npm_install pages "$root/bot/web/pages" || die "npm could not install what the pages are built with ($npm_sentence)."
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

configure_preset() { # PRESET
  local options=()
  # The benchmarks measure the program as users run it, so they are built beside it; start.sh leaves them out.
  [[ $1 != release ]] || options=(-DBUILD_TESTING=ON -DFRONTDESK_TESTS=bench)
  configure "$1" "${options[@]}"
}

build_preset() { # PRESET [TARGET...]
  local preset=$1 cache=$root/build/$1/CMakeCache.txt targets=()
  shift
  (($# == 0)) || targets=(--target "$@")
  say "--- building $preset${*:+: $*}"
  if needs_configuring "$preset" || ! grep -q '^BUILD_TESTING:.*=ON$' "$cache"; then
    configure_preset "$preset" || return 1
  fi
  build "$preset" "${targets[@]}"
}

# Every test program is compiled once, for the sanitizers. Of dev, a whole run needs the list of commands alone, which
# clang-tidy reads; it is always made anew, since a file may have been added.
build_for() { # LABEL, empty for all
  case $1 in
    unit | fuzz) try_stage dev build_preset dev "$1_tests" ;;
    contract | functional | hostile | crash) try_stage dev build_preset dev "$1_tests" frontdesk ;;
    threaded) try_stage tsan build_preset tsan ;;
    lint) try_stage dev configure_preset dev ;;
    scripts) try_stage dev build_preset dev frontdesk ;; # the package is made of it
    browser)
      try_stage release build_preset release frontdesk
      try_stage dev configure_preset dev
      ;;
    bench) try_stage release build_preset release ;;
    *)
      try_stage release build_preset release
      try_stage asan build_preset asan
      try_stage tsan build_preset tsan
      try_stage dev configure_preset dev
      ;;
  esac
}

built=" " # the presets that can be tested, each between spaces

try_stage() { # PRESET COMMAND...
  local preset=$1
  shift
  if "$@"; then
    built+="$preset "
  else
    note_failed_stage "the build of $preset"
  fi
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
  export FRONTDESK_HANDS_BIN=$root/build/npm/hands/node_modules/.bin
  export FRONTDESK_SERVICES=$root/build/services
  find_unpacked NGINX usr/sbin/nginx
  find_unpacked CADDY usr/bin/caddy
  find_unpacked PROMTOOL usr/bin/promtool
  export FRONTDESK_CLAUDE=$root/build/npm/specialist/node_modules/.bin/claude
  export FRONTDESK_TAP_DIR=$results/tap
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
  export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
}

# Only what the system has not was unpacked; the tests find the rest by its name.
find_unpacked() { # NAME PATH: sets FRONTDESK_NAME
  [[ ! -x $FRONTDESK_SERVICES/$2 ]] || export "FRONTDESK_$1=$FRONTDESK_SERVICES/$2"
}

# RUN is the name under which the results are shown.
run_tests() { # RUN PRESET PROGRAM [CTEST OPTION...]
  local run=$1 preset=$2 program=$root/build/$3/frontdesk
  shift 3
  [[ $built == *" $preset "* ]] || return 0
  say "--- testing $run"
  # Most tests wait more than they compute.
  call_ctest "$results/$run.xml" --parallel "$((2 * $(nproc)))" "$@"
  [[ -s $results/$run.xml ]] || note_failed_stage "ctest in $preset gave no results"
  # What failed beside others and not alone is named (docs/decisions/0027); who runs one label is at work on it.
  if [[ -z $only && -s $results/$run.xml ]] && python3 "$root/cmake/test_summary.py" --may-try-again "$results/$run.xml"; then
    say "--- once more, alone"
    call_ctest "$results/$run.again" --rerun-failed
  fi
}

# The result is read from the JUnit file; ctest keeps the last part of what each test wrote. Of its caller: preset, program.
call_ctest() { # FILE [CTEST OPTION...]
  local file=$1
  shift
  FRONTDESK_BIN=$program FRONTDESK_TEST_RUN=$run_id ctest --test-dir "$root/build/$preset" --timeout 400 \
    --output-junit "$file" --test-output-truncation head "$@" 9>&- >&2 || true
}

killed_often='^crash/(storm|points):|: killed at any call '

# The program that users run is tested from outside: by the page, the emulators, and the tests that start it.
run_tests_for() { # LABEL, empty for all
  case $1 in
    bench) run_tests release release release -L '^bench$' ;;
    threaded) run_tests tsan tsan release ;;
    browser) run_tests dev dev release -L '^browser$' ;;
    ?*) run_tests dev dev dev -L "^$1\$" ;;
    *)
      run_tests release release release
      # Storms of kills, and a kill at each step or call, want a program that is quick.
      run_tests asan asan asan -E "$killed_often"
      run_tests asan-with-release asan release -R "$killed_often"
      run_tests tsan tsan release
      run_tests dev dev release -R '^(browser|lint|scripts|services)/'
      ;;
  esac
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
  local leftovers=0
  parse "$@"
  lock_build
  install_all
  results=$root/build/test-results
  rm -rf "$results"
  mkdir -p "$results/tap"
  build_for "$only"
  unlock_build

  trap clean_up EXIT
  trap 'exit 130' INT TERM HUP
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/frontdesk-test.XXXXXX")
  chmod 711 "$scratch" # doctor tells what others can reach, and the tests make such files
  run_id=$(basename "$scratch")-$$
  prepare_environment
  run_tests_for "$only"
  check_leftovers || leftovers=1

  python3 "$root/cmake/test_summary.py" "$results" --stages-failed "$stages_failed" --leftovers "$leftovers"
}

main "$@"
