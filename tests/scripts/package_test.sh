#!/usr/bin/env bash
# package_test.sh test_NAME: the Debian package and what is in it, made from the build whose program is under test.
set -euo pipefail

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
package=$root/cmake/package
program=${FRONTDESK_BIN:-$root/build/dev/frontdesk}
build=$(dirname -- "$program")

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
expect_line() { # TEXT PATTERN
  grep -qE -- "$2" <<<"$1" || fail "no line '$2' in:"$'\n'"$1"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Sets `deb`. Nothing is compiled: the program is there.
make_package() {
  [[ -x $program ]] || fail "$program is not built"
  (cd "$scratch" && cpack --config "$build/CPackConfig.cmake" -B "$scratch/out" -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip >cpack.log 2>&1) ||
    fail "$(cat "$scratch/cpack.log")"
  deb=("$scratch"/out/frontdesk_*.deb)
  [[ -f ${deb[0]} ]] || fail "no package: $(ls "$scratch/out")"
}

test_the_package_has_all_that_belongs_to_it_and_its_unit_fits() {
  make_package
  local list control rights
  list=$(dpkg-deb --contents "${deb[0]}")
  for path in usr/bin/frontdesk lib/systemd/system/frontdesk.service etc/frontdesk/frontdesk.toml \
    usr/share/man/man1/frontdesk.1.gz usr/share/man/man1/dispatch-cc.1.gz \
    usr/share/bash-completion/completions/frontdesk usr/share/bash-completion/completions/dispatch-cc \
    usr/share/zsh/vendor-completions/_frontdesk usr/share/fish/vendor_completions.d/frontdesk.fish \
    usr/share/fish/vendor_completions.d/dispatch-cc.fish usr/share/doc/frontdesk/operating.md \
    usr/share/doc/frontdesk/copyright usr/share/doc/frontdesk/examples/alerts.yml \
    usr/share/doc/frontdesk/examples/dashboard.json; do
    expect_line "$list" "^-.* root/root .* \./(usr/)?$path\$"
  done
  expect_line "$list" '^lrwx.* \./usr/bin/dispatch-cc -> frontdesk$'
  expect_line "$list" '^drwx------ root/root .* \./etc/frontdesk/credentials/$'
  # Nothing in it belongs to whoever built it, or can be written by others.
  rights=$(grep -vE '^(l|.{5}-.{2}-).* root/root ' <<<"$list" || true)
  [[ -z $rights ]] || fail "foreign owners or rights: $rights"
  control=$(dpkg-deb --field "${deb[0]}")
  expect_line "$control" "^Version: $("$program" --version | cut -d ' ' -f 2)"
  expect_line "$control" '^Depends: .*libc6 .*libssl3'
  expect_line "$control" '^Recommends: .*bubblewrap'
  [[ $(dpkg-deb --ctrl-tarfile "${deb[0]}" | tar -xO ./conffiles) == /etc/frontdesk/frontdesk.toml ]] ||
    fail "the configuration is no conffile"
  check_unit
}

check_unit() {
  local unit=$package/frontdesk.service stop
  dpkg-deb --extract "${deb[0]}" "$scratch/root"
  for path in $(sed -nE 's/^(ExecStart|LoadCredential)=(secret:)?([^ ]*).*/\3/p' "$unit") /etc/frontdesk/frontdesk.toml; do
    [[ -e $scratch/root$path ]] || fail "the unit names $path, which is not in the package"
  done
  stop=$(sed -n 's/^TimeoutStopSec=//p' "$unit")
  ((stop > 46)) || fail "TimeoutStopSec=$stop is below what a stop may take"
  for line in Type=notify KillMode=mixed ProtectSystem=strict NoNewPrivileges=yes User=frontdesk OOMPolicy=continue; do
    expect_line "$(<"$unit")" "^$line\$"
  done
  expect_line "$(<"$unit")" '^WatchdogSec=[0-9]+$'
  # bubblewrap needs these not to be set.
  ! grep -qE '^(RestrictNamespaces|ProcSubset|ProtectKernelTunables|ProtectKernelLogs|MemoryDenyWriteExecute)=' "$unit" ||
    fail "the sandbox of a specialist cannot work under that"
  if have systemd-analyze; then
    local said
    sed '/^Documentation=/d; s#^ExecStart=[^ ]*#ExecStart=/bin/true#' "$unit" >"$scratch/frontdesk.service"
    said=$(systemd-analyze verify --man=no "$scratch/frontdesk.service" 2>&1 | grep -F frontdesk.service || true)
    [[ -z $said ]] || fail "$said"
  fi
}

doctor_says() { # FILE
  env -i HOME="$scratch" PATH="$PATH" "$program" doctor --demo --config "$1" 2>&1 || true
}

test_the_configuration_of_the_package_loads() {
  local said
  sed "s#/var/lib/frontdesk#$scratch/state#" "$package/frontdesk.toml" >"$scratch/frontdesk.toml"
  said=$(doctor_says "$scratch/frontdesk.toml")
  expect_line "$said" "^ok    configuration: $scratch/frontdesk.toml"
  expect_line "$said" "^ok    database: there is none yet at $scratch/state/frontdesk.db"
  # With its examples, too, but for their secrets.
  sed -E 's/^# ([a-z_]+ = )/\1/; s/^# (\[[a-z.-]+\])/\1/; /secret_/d' "$scratch/frontdesk.toml" >"$scratch/all.toml"
  said=$(doctor_says "$scratch/all.toml")
  expect_line "$said" "^ok    configuration: $scratch/all.toml"
}

test_the_scripts_of_the_package_are_sound() {
  for script in postinst prerm postrm; do
    [[ -x $package/$script ]] || fail "$script cannot be run"
    sh -n "$package/$script"
  done
}

test_the_container_file_names_what_is_there() {
  local words
  words=$(sed -nE 's/^COPY ([^-].*) [^ ]+$/\1/p' "$package/Dockerfile")
  [[ -n $words ]] || fail "no COPY"
  for path in $words; do
    [[ -e $root/$path ]] || fail "it copies $path, which is not there"
  done
  # What it calls of cmake/install.sh.
  # shellcheck source=cmake/install.sh
  source "$root/cmake/install.sh"
  for function in install_system configure build; do
    grep -q "$function" "$package/Dockerfile" || fail "it does not call $function"
    declare -F "$function" >/dev/null || fail "cmake/install.sh has no $function"
  done
  # It changes one line of the configuration.
  local pattern
  pattern=$(sed -nE "s/.*sed -i 's\/([^\/]*)\/.*/\1/p" "$package/Dockerfile")
  grep -qE "$pattern" "$package/frontdesk.toml" || fail "no line '$pattern' in frontdesk.toml"
}

completions_of() { # WORD... -> the words that bash offers for the last one
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  "_${1//-/_}"
  printf '%s\n' "${COMPREPLY[@]}"
}

test_bash_completes_commands_options_values_and_files() {
  local words
  # shellcheck disable=SC1090
  source <("$program" completion bash)
  cd "$scratch" && touch a.toml
  words=$(completions_of frontdesk "")
  for command in $("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
    expect_line "$words" "^$command\$"
  done
  [[ $(completions_of frontdesk ser) == serve ]] || fail "not serve"
  [[ $(completions_of frontdesk log sav) == savings ]] || fail "not savings"
  [[ $(completions_of frontdesk log list --out) == --outcome ]] || fail "not --outcome"
  expect_line "$(completions_of frontdesk log list --outcome "")" '^blocked$'
  expect_line "$(completions_of frontdesk log verdict d-1 "")" '^bad_result$'
  [[ $(completions_of frontdesk serve --config "") == a.toml ]] || fail "no file"
  [[ -z $(completions_of frontdesk serve --listen "") ]] || fail "something for an address"
  # "list" as a value is no command.
  expect_line "$(completions_of frontdesk run --slug list --des)" '^--desc$'
  expect_line "$(completions_of dispatch-cc "")" '^resume$'
  ! grep -q serve <<<"$(completions_of dispatch-cc "")" || fail "dispatch-cc does not serve"
}

test_the_completions_of_zsh_and_fish_are_sound() {
  "$program" completion zsh >"$scratch/_frontdesk"
  "$program" completion fish >"$scratch/frontdesk.fish"
  [[ $(head -n 1 "$scratch/_frontdesk") == "#compdef frontdesk dispatch-cc" ]] || fail "no #compdef"
  for word in serve savings --outcome; do
    grep -q -- "$word" "$scratch/_frontdesk" || fail "zsh does not know $word"
    grep -q -- "${word#--}" "$scratch/frontdesk.fish" || fail "fish does not know $word"
  done
  ! have zsh || zsh -n "$scratch/_frontdesk"
  if have fish; then
    local said
    said=$(HOME=$scratch fish --no-config -c "source $scratch/frontdesk.fish; complete -C 'frontdesk log sa'")
    expect_line "$said" '^savings'
  fi
}

test_the_manual_names_every_command_and_option() {
  local page help command section option
  page=$("$program" manual | sed 's/\\-/-/g; s/\\fB//g; s/\\fI//g; s/\\fR//g')
  while read -r -a command; do
    help=$("$program" "${command[@]}" --help)
    expect_line "$page" "^\.SS frontdesk ${command[*]}\$"
    section=$(sed -n "/^\.SS frontdesk ${command[*]}\$/,/^\.S[SH] /p" <<<"$page")
    while read -r option; do
      expect_line "$section" "^$option"
    done < <(grep -oE -- '^  (-[a-z],)?--[a-z-]+' <<<"$help" | grep -oE -- '--[a-z-]+' | grep -v -- --help)
  done < <(printf '%s\n' serve init doctor pair backup restore run resume review status list search "log list" \
    "log show" "log export" "log summary" "log verdict" route eval calibrate "admin hash" completion manual)
  if have man; then
    "$program" manual >"$scratch/frontdesk.1"
    local said
    said=$(MANWIDTH=80 man --warnings -l "$scratch/frontdesk.1" 2>&1 >/dev/null)
    [[ -z $said ]] || fail "$said"
  fi
}

test_rules_and_board_read_metrics_that_exist() {
  local metrics="up process_start_time_seconds process_resident_memory_bytes process_cpu_seconds_total process_open_fds process_max_fds"
  local name names
  names=$(grep -ohE 'frontdesk_[a-z_]+' "$package/alerts.yml" "$package/dashboard.json" | sort -u)
  for name in $names; do
    name=${name%_bucket}
    [[ $name == frontdesk_ || " $metrics " == *" $name "* ]] ||
      grep -rqE "\"$name\"|\`$name\`" "$root/bot" "$root/docs/operating.md" || fail "there is no metric $name"
  done
  python3 -m json.tool "$package/dashboard.json" >/dev/null
  local promtool=${FRONTDESK_PROMTOOL:-promtool}
  if have "$promtool"; then "$promtool" check rules "$package/alerts.yml" >/dev/null; fi
}

"$1"
