# Sourced by start.sh and test.sh, which set `root` to the folder of the project: what both need to install and
# build. It finds out what is missing, says what it installs, and installs nothing else. People's words go to stderr.
# shellcheck shell=bash disable=SC2034
: "${root:?}"

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Program and the Debian package that has it. The program is looked for, not the package: it may have come another way.
build_programs=(g++:g++ cmake:cmake ninja:ninja-build pkg-config:pkg-config ccache:ccache bwrap:bubblewrap)
test_programs=(clang-format:clang-format clang-tidy:clang-tidy clang++:clang ld.lld:lld llvm-symbolizer:llvm python3:python3)
# md4c's CMake package names its HTML renderer's library too and fails without that.
build_libraries=(libcpp-httplib-dev libssl-dev nlohmann-json3-dev libsqlitecpp-dev libsqlite3-dev libcli11-dev
  libtomlplusplus-dev libutf8proc-dev libspdlog-dev libfmt-dev libmd4c-dev libmd4c-html0-dev
  prometheus-cpp-dev zlib1g-dev libpng-dev libturbojpeg0-dev libwebp-dev libgif-dev ca-certificates tzdata)
# The sanitizers of clang++ come in a package of their own.
test_libraries=(doctest-dev libclang-rt-dev)

# --- Debian packages -------------------------------------------------------------------------------------------------

missing_programs() { # PROGRAM:PACKAGE... -> packages
  local pair
  for pair in "$@"; do
    have "${pair%%:*}" || printf '%s\n' "${pair#*:}"
  done
}

missing_libraries() { # PACKAGE... -> packages; one call, since each costs time
  local installed package
  # ${Package} is dpkg-query's, not the shell's. shellcheck disable=SC2016
  installed=$'\n'$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)$'\n'
  for package in "$@"; do
    [[ $installed == *$'\n'"installed $package"$'\n'* ]] || printf '%s\n' "$package"
  done
}

# Boost.Process 2 came with 1.81. Debian 12 has that beside its default of 1.74; later systems have a newer default.
boost_is_installed() {
  local status package minor
  # shellcheck disable=SC2016
  while read -r status package; do
    minor=${package#libboost-filesystem1.}
    minor=${minor%-dev}
    [[ $status == installed && $minor =~ ^[0-9]+$ ]] && ((minor >= 81)) && return 0
  done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'libboost-filesystem1.*-dev' 2>/dev/null || true)
  return 1
}

has_candidate() { # PACKAGE: apt could install it
  local policy
  policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
  [[ $policy == *"Candidate: "* && $policy != *"Candidate: (none)"* ]]
}

boost_packages() {
  if has_candidate libboost1.81-dev || { ! has_candidate libboost-dev && grep -qs bookworm /etc/os-release; }; then
    printf '%s\n' libboost1.81-dev libboost-filesystem1.81-dev
  else
    printf '%s\n' libboost-dev libboost-filesystem-dev
  fi
}

is_root() { ((EUID == 0)); }

# Sets `privilege` to what makes a command run as root, or explains and stops.
find_privilege() { # PACKAGE...
  privilege=()
  is_root && return 0
  if have sudo && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }; then
    privilege=(sudo)
    return 0
  fi
  say "Installing Debian packages needs root, and sudo is missing or would ask for a password. Run this, then try again:"
  die "  apt-get update && apt-get install -y --no-install-recommends $*"
}

apt_log=$root/build/apt.log

# apt-get, waiting for a lock that the system's own updater may hold, and asking nothing. What it says is long and
# of interest only when it fails.
run_apt() {
  mkdir -p "$root/build"
  "${privilege[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" \
    >"$apt_log" 2>&1 </dev/null
}

# The first thing that apt-get complained of.
apt_complaint() {
  local line
  line=$(grep -m 1 -E '^(E|W):' "$apt_log" 2>/dev/null || tail -n 1 "$apt_log" 2>/dev/null || true)
  printf '%s\n' "${line:0:300}"
}

no_mirror() {
  die "apt-get cannot reach its mirrors ($(apt_complaint)): check the network and /etc/apt, then run this again."
}

apt_update() {
  say "Updating the package lists (apt-get update)."
  run_apt update || no_mirror
}

# apt-get calls an update done even if it reached nothing.
update_was_complete() { ! grep -qsE 'Failed to fetch|Some index files failed' "$apt_log"; }

# Stops where apt would have to remove something: what stands on the machine is not ours to take away.
refuse_removals() { # PACKAGE...
  local plan removed
  plan=$(LC_ALL=C apt-get -s -q --no-install-recommends install "$@" 2>&1) ||
    die "apt-get cannot install $* on this system: $(sed -n 's/^E: //p' <<<"$plan" | head -n 1) (Debian 12 or later and Ubuntu 24.04 have them.)"
  removed=$(sed -n 's/^Remv \([^ ]*\).*/\1/p' <<<"$plan" | tr '\n' ' ')
  removed=${removed% }
  [[ -z $removed ]] ||
    die "Nothing was changed: what Frontdesk needs conflicts with $removed (the packages are $*); if you can do without $removed, run 'apt-get remove $removed' as root, then run this again."
}

# Sets `packages` to the names, "boost" replaced by what this system calls it.
resolve() { # PACKAGE...
  mapfile -t packages < <(for package in "$@"; do
    if [[ $package == boost ]]; then boost_packages; else printf '%s\n' "$package"; fi
  done)
}

install_packages() { # PACKAGE...
  local packages
  resolve "$@"
  find_privilege "${packages[@]}"
  if ! all_known "${packages[@]}"; then
    apt_update
    resolve "$@" # only now is it known what there is
    all_known "${packages[@]}" || update_was_complete || no_mirror
  fi
  refuse_removals "${packages[@]}"
  say "Installing with apt-get (progress in build/apt.log): ${packages[*]}"
  run_apt --no-install-recommends install "${packages[@]}" && return 0
  apt_update # the lists may name versions that the mirror no longer has
  update_was_complete || no_mirror
  run_apt --no-install-recommends install "${packages[@]}" ||
    die "apt-get could not install ${packages[*]} ($(apt_complaint)): see build/apt.log, fix the cause, then run this again."
}

all_known() { # PACKAGE...
  local package
  for package in "$@"; do
    has_candidate "$package" || return 1
  done
}

# Installs what is missing for a group of uses: build, specialist (npm), test.
install_system() { # USE...
  local missing=() programs=("${build_programs[@]}") libraries=("${build_libraries[@]}")
  [[ " $* " == *" test "* ]] && programs+=("${test_programs[@]}") && libraries+=("${test_libraries[@]}")
  [[ " $* " == *" npm "* ]] && programs+=(node:nodejs npm:npm)
  if ! have apt-get || ! have dpkg-query; then
    die "This system has no apt-get: Frontdesk installs what it needs on Debian 12 or later and Ubuntu 24.04 only; elsewhere install the libraries that CMakeLists.txt names, then run 'cmake --workflow --preset release'."
  fi
  mapfile -t missing < <(missing_programs "${programs[@]}" && missing_libraries "${libraries[@]}")
  boost_is_installed || missing+=(boost)
  if [[ " $* " == *" test "* ]] && ! find_chromium && ! is_ubuntu; then
    missing+=(chromium)
  fi
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
  hash -r
}

download_packages() { # PACKAGE...: into the current folder, as root or not
  apt-get -q download "$@" >"$apt_log" 2>&1
}

# Unpacks packages into build/NAME instead of installing them, so that no server of theirs is started on the machine:
# with all that they need and the system has not.
unpack_packages() { # NAME PACKAGE...
  local target=$root/build/$1 plan names file
  shift
  ! grep -qsxF "$*" "$target/.packages" || return 0
  if ! all_known "$@"; then
    find_privilege "$@"
    apt_update
  fi
  plan=$(LC_ALL=C apt-get -s -q --no-install-recommends install "$@" 2>&1) ||
    die "apt-get has no $* for this system: $(sed -n 's/^E: //p' <<<"$plan" | head -n 1) (Debian 12 and Ubuntu 24.04 have them.)"
  mapfile -t names < <(sed -n 's/^Inst \([^ ]*\).*/\1/p' <<<"$plan")
  say "Unpacking into ${target#"$root"/}, nothing is installed: ${names[*]}"
  rm -rf "$target"
  mkdir -p "$target/packages"
  if ((${#names[@]} > 0)); then
    (
      cd "$target/packages"
      download_packages "${names[@]}" && exit 0
      find_privilege "$@"
      apt_update # the lists may name versions that the mirror no longer has
      download_packages "${names[@]}"
    ) || die "apt-get could not download ${names[*]} ($(apt_complaint)): see build/apt.log, fix the cause, then run this again."
    for file in "$target"/packages/*.deb; do
      dpkg-deb -x "$file" "$target"
    done
  fi
  rm -r "$target/packages"
  printf '%s\n' "$*" >"$target/.packages"
}

# Ubuntu's package is a stub for snap, which containers and servers often lack.
is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }

browsers=$root/build/npm/browsers

find_chromium() { # sets FRONTDESK_CHROMIUM
  local name
  for name in "$browsers"/chromium_headless_shell-*/*/*headless*shell; do
    [[ ! -x $name ]] || { FRONTDESK_CHROMIUM=$name && return 0; }
  done
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    FRONTDESK_CHROMIUM=$(command -v "$name") && return 0
  done
  return 1
}

# --- npm -------------------------------------------------------------------------------------------------------------

# So that a second clone in another folder finds what the first one compiled.
# A precompiled header is nothing to ccache without the last two.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros

# npm and ccache need a home folder; without one they write into the current folder.
with_home() { # COMMAND...
  if [[ -n ${HOME:-} && -d $HOME && -w $HOME ]]; then
    "$@"
  else
    mkdir -p "$root/build/home"
    HOME=$root/build/home "$@"
  fi
}

# Brings build/npm/NAME to what the lock file says. Scripts of packages are not run: npm's rules for that differ
# between versions.
npm_install() { # NAME FOLDER
  local target=$root/build/npm/$1 source=$2 file
  local lock=$target/node_modules/.frontdesk-lock
  cmp -s "$source/package-lock.json" "$lock" && return 0
  say "Installing with npm into build/npm/$1: $(sed -nE '/ependencies"/,/}/s/^ *"(.*)": "(.*)".*/\1@\2/p' "$source/package.json" | tr '\n' ' ')"
  mkdir -p "$target"
  for file in package.json package-lock.json .npmrc; do
    cp "$source/$file" "$target/$file"
  done
  # The subshell keeps the caller's folder. Engines only warn, and the warning is noise here.
  (cd "$target" && with_home npm ci --ignore-scripts --no-progress --loglevel=error >&2) || return 1
  if [[ $1 == specialist ]]; then
    # The package's own set-up, which puts the machine's native program in place of a stub.
    (cd "$target/node_modules/@anthropic-ai/claude-code" && with_home node install.cjs >&2) || return 1
    with_home "$target/node_modules/.bin/claude" --version >/dev/null 2>&1 || return 1
  fi
  cp "$source/package-lock.json" "$lock"
}

# Where there is no Debian package: the build that Playwright tests with, and the libraries that it needs.
fetch_chromium() {
  find_chromium && return 0
  say "Installing with Playwright into build/npm/browsers: Chromium (headless shell), with apt-get the libraries it needs"
  PLAYWRIGHT_BROWSERS_PATH=$browsers with_home node "$root/build/npm/tests/node_modules/playwright-core/cli.js" \
    install --with-deps --only-shell chromium >&2 && find_chromium
}

npm_sentence="see above: check the network and npm's registry (npm config get registry), then run this again"

# --- build -----------------------------------------------------------------------------------------------------------

# As many compilers as there are cores, but 1.5 GB of memory for each.
jobs_that_fit() {
  local cores memory_kb limit jobs
  cores=$(nproc)
  memory_kb=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  if read -r limit 2>/dev/null </sys/fs/cgroup/memory.max && [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1024 < memory_kb)); then
    memory_kb=$((limit / 1024)) # a container's own limit
  fi
  jobs=$((memory_kb / 1572864))
  ((jobs < cores)) || jobs=$cores
  ((jobs > 0)) || jobs=1
  printf '%s\n' "$jobs"
}

configure() { # PRESET [CMAKE OPTION...]
  local preset=$1 cache=$root/build/$1/CMakeCache.txt fresh=()
  shift
  # A cache that was made where the folder stood before is of no use.
  if [[ -f $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    fresh=(--fresh)
  fi
  (cd "$root" && with_home cmake --preset "$preset" "${fresh[@]}" "$@" >&2 && touch "build/$preset/.presets")
}

# Ninja runs CMake again when a CMakeLists.txt has changed, but knows nothing of the presets.
needs_configuring() { # PRESET
  local folder=$root/build/$1
  [[ ! -f $folder/build.ninja || ! $folder/.presets -nt $root/CMakePresets.json ]] ||
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"
}

build() { # PRESET [CMAKE --build OPTION...]
  local preset=$1
  shift
  (cd "$root" && with_home cmake --build "build/$preset" --parallel "$(jobs_that_fit)" "$@" >&2)
}

# Only one start.sh or test.sh installs and builds at a time.
lock_build() {
  mkdir -p "$root/build"
  exec 9>"$root/build/.lock"
  flock -n 9 && return 0
  say "Waiting for another start.sh or test.sh to finish building."
  flock 9
}
unlock_build() { exec 9>&-; }
