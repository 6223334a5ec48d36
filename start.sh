#!/usr/bin/env bash
# Installs what is missing, builds the release and starts Frontdesk.
set -euo pipefail

root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=cmake/install.sh
source "$root/cmake/install.sh"

usage() {
  cat <<'TEXT'
usage: ./start.sh [--no-specialist] [-- ARGS]

Installs what is missing (Debian 12 or later, Ubuntu 24.04), builds the release into build/release and runs
`frontdesk serve ARGS`. It needs no key, account or configuration; without them a demo model answers.

  --no-specialist  do not install the Claude Code CLI, even if `claude` is not on PATH
  --help           show this
TEXT
}

with_specialist=1
arguments=()

parse() {
  while (($# > 0)); do
    case $1 in
      --no-specialist) with_specialist=0 ;;
      --help | -h)
        usage
        exit 0
        ;;
      --)
        shift
        arguments=("$@")
        return 0
        ;;
      *)
        say "start.sh: unknown argument '$1'; valid: --no-specialist, --help, and -- ARGS for frontdesk serve"
        exit 2
        ;;
    esac
    shift
  done
}

install_all() {
  if ((with_specialist)) && ! have claude; then
    install_system build npm
    npm_install specialist "$root/dispatch/npm" ||
      die "npm could not install the Claude Code CLI ($npm_sentence; ./start.sh --no-specialist starts without it)."
  else
    install_system build
  fi
}

build_release() {
  if needs_configuring release; then
    say "Building the release; the first time takes a few minutes."
    configure release || die "CMake could not configure the build (see above)."
  fi
  build release --target frontdesk || die "The build failed (see above)."
}

main() {
  parse "$@"
  lock_build
  install_all
  build_release
  unlock_build
  # At the end: a `claude` that the user has wins.
  export PATH="$PATH:$root/build/npm/specialist/node_modules/.bin"
  exec "$root/build/release/frontdesk" serve "${arguments[@]}"
}

main "$@"
