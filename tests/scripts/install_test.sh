#!/usr/bin/env bash
# install_test.sh test_NAME: what cmake/install.sh decides, with stand-ins for the system's commands.
# shellcheck disable=SC2317 # the stand-ins are called by what they stand in for
set -euo pipefail

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=cmake/install.sh
source "$root/cmake/install.sh"

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

expect_equal() { # WANTED GOT
  [[ $1 == "$2" ]] || fail "wanted '$1', got '$2'"
}

# The system of these tests: what apt knows, what is installed. The names are those of the real commands.
known="libboost-dev libboost-filesystem-dev doctest-dev"
on_system=""
log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt-cache() { # policy PACKAGE
  if [[ " $known " == *" $2 "* ]]; then echo "  Candidate: 1.0"; else echo "  Candidate: (none)"; fi
}
dpkg-query() {
  local package
  for package in $on_system; do echo "installed $package"; done
}
run_apt() { echo "$*" >>"$log"; }
apt-get() { # the simulation
  echo "Inst doctest-dev"
}
is_root() { true; }

# Runs in a subshell what would stop the script; sets `status` and `err`.
run() {
  status=0
  err=$("$@" 2>&1) || status=$?
}

test_boost_is_the_versioned_package_where_apt_knows_it() {
  known+=" libboost1.81-dev libboost-filesystem1.81-dev"
  expect_equal "libboost1.81-dev libboost-filesystem1.81-dev" "$(boost_packages | tr '\n' ' ' | sed 's/ $//')"
}

test_boost_is_the_default_package_elsewhere() {
  expect_equal "libboost-dev libboost-filesystem-dev" "$(boost_packages | tr '\n' ' ' | sed 's/ $//')"
}

test_an_old_boost_is_not_taken_for_a_new_one() {
  on_system="libboost-filesystem1.74-dev"
  ! boost_is_installed || fail "1.74 was taken"
  on_system="libboost-filesystem1.83-dev"
  boost_is_installed || fail "1.83 was not taken"
}

test_only_what_is_missing_is_listed() {
  on_system="zlib1g-dev doctest-dev"
  expect_equal "libssl-dev" "$(missing_libraries doctest-dev libssl-dev)"
  expect_equal "no-package" "$(missing_programs bash:bash no-program-has-this-name:no-package)"
}

test_packages_that_apt_knows_are_installed_without_an_update() {
  run install_packages doctest-dev
  expect_equal 0 "$status"
  expect_equal "--no-install-recommends install doctest-dev" "$(<"$log")"
  [[ $err == *"Installing with apt-get"*": doctest-dev"* ]] || fail "did not say what it installs: $err"
}

test_unknown_packages_make_it_read_the_lists_first() {
  run install_packages libssl-dev
  expect_equal "update" "$(head -n 1 "$log")"
}

test_nothing_is_removed_for_a_conflict() {
  apt-get() { printf '%s\n' "Remv libboost1.74-dev [1.74.0]" "Inst libboost1.81-dev"; }
  run install_packages doctest-dev
  expect_equal 1 "$status"
  [[ $err == *"conflicts with libboost1.74-dev"* && $err != *$'\n'* ]] || fail "not one sentence: $err"
  [[ ! -s $log ]] || fail "apt-get was run: $(<"$log")"
}

test_a_mirror_that_fails_is_named_in_a_sentence() {
  apt_log=$(mktemp)
  echo "E: Failed to fetch http://mirror.example/x.deb" >"$apt_log"
  run_apt() { return 100; }
  run install_packages libssl-dev
  rm "$apt_log"
  expect_equal 1 "$status"
  [[ $err == *"cannot reach its mirrors (E: Failed to fetch http://mirror.example/x.deb): check the network"* ]] ||
    fail "no advice: $err"
}

test_an_update_that_reached_nothing_is_a_failing_mirror() {
  apt_log=$(mktemp)
  echo "W: Some index files failed to download." >"$apt_log"
  run_apt() { true; } # apt-get update exits 0 without a network
  run install_packages libssl-dev
  rm "$apt_log"
  expect_equal 1 "$status"
  [[ $err == *"check the network"* ]] || fail "no advice: $err"
}

test_without_root_or_sudo_the_line_to_run_is_printed() {
  is_root() { false; }
  have() { false; } # no sudo
  run install_packages doctest-dev
  expect_equal 1 "$status"
  [[ $err == *"apt-get install -y --no-install-recommends doctest-dev" ]] || fail "no line to run: $err"
  [[ ! -s $log ]] || fail "apt-get was run: $(<"$log")"
}

test_there_is_always_at_least_one_job() {
  local jobs
  jobs=$(jobs_that_fit)
  ((jobs >= 1 && jobs <= $(nproc))) || fail "$jobs jobs"
}

"$1"
