#!/usr/bin/env bash
# Checks the syntax of every shell script of ours, and with shellcheck, where it is installed, their meaning.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
mapfile -d '' scripts < <(printf '%s\0' start.sh test.sh .ci/run tests/bench/build cmake/package/{postinst,prerm,postrm} && find cmake findings tests \
  -type d -name node_modules -prune -o -type f -name '*.sh' -print0)
for script in "${scripts[@]}"; do
  bash -n "$script"
done
if command -v shellcheck >/dev/null; then
  shellcheck -x "${scripts[@]}"
else
  echo "shellcheck is not here; only the syntax was checked"
fi
