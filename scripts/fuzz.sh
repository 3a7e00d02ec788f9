#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME each (10s unless told). Stops at the first finding.
set -euo pipefail
cd "$(dirname "$0")/.."
time="${FUZZTIME:-10s}"
grep -rl --include='*_test.go' '^func Fuzz' internal cmd | sort | while read -r file; do
	dir=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file"); do
		echo "== $dir $target"
		go test -run '^$' -fuzz "^${target}\$" -fuzztime "$time" -fuzzminimizetime 1x "./$dir" </dev/null
	done
done
