#!/usr/bin/env bash
# run.sh FILE TAP: runs one file of browser tests; its results are shown and written to the TAP file.
set -euo pipefail

folder=${FRONTDESK_TAP_DIR:-${TMPDIR:-/tmp}}
exec node --test --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=tap --test-reporter-destination="$folder/$2" "$1"
