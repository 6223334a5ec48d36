#!/usr/bin/env bash
# Checks that clang-format would change nothing. Exit 77 (skipped, for ctest) where it is not version 14, since
# versions lay out code differently. With --fix it formats instead.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
tool=$(command -v clang-format-14 || command -v clang-format || true)
if [[ -z $tool ]] || ! "$tool" --version | grep -q 'version 14\.'; then
  echo "clang-format 14 is not here; other versions lay out code differently"
  exit 77
fi

mapfile -d '' files < <(find base config store llm router dispatch bot tests \
  -type d -name node_modules -prune -o -type f \( -name '*.h' -o -name '*.cpp' \) -print0)
if [[ ${1:-} == --fix ]]; then
  exec "$tool" -i "${files[@]}"
fi
if ! found=$("$tool" --dry-run -Werror "${files[@]}" 2>&1); then
  grep -o '^[^ ]*:[0-9]*:[0-9]*: error: .*' <<<"$found" | sed 's/:[0-9]*: error: .*//' | sort -u -t : -k 1,1 -k 2,2n
  echo "these lines are not laid out as .clang-format says; tests/lint/format.sh --fix does it"
  exit 1
fi
