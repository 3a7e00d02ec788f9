#!/usr/bin/env bash
# Positive controls: builds the tests with faults in the product (tag mutant) and demands that the harness finds each of them,
# and that the same build without a fault passes. docs/design/simulation.md says what each one proves.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TIMS_CHAOS=1 TIMS_CUTS=8 # on real disks, which need root and scripts/tools.sh disks

for package in node tlog witness; do
	go test -c -tags mutant -o "$dir/$package.test" "./internal/$package"
done

# run MUTANT PACKAGE TEST runs tests of a package under a fault, what they say into $dir/out.
run() {
	(cd "internal/$2" && TIMS_MUTANT="$1" "$dir/$2.test" -test.run "$3") >"$dir/out" 2>&1
}

failed=0
check() { # MUTANT PACKAGE TEST MESSAGE
	if run "$1" "$2" "$3"; then
		echo "MISSED  $1: $2.$3 passes" && failed=1
	elif ! grep -Eq "$4" "$dir/out"; then
		echo "UNCLEAR $1: $2.$3 fails without saying: $4" && tail -n 40 "$dir/out" && failed=1
	else
		echo "caught  $1: $(grep -Eom1 "$4.*" "$dir/out")"
	fi
}

echo "== without a fault"
for package in node tlog witness; do
	tests=$(awk -v p="$package" '$2 == p { printf "%s%s", sep, $3; sep = "|" }' scripts/mutants.txt)
	run none "$package" "$tests" || { tail -n 60 "$dir/out"; echo "the tests of $package fail without a fault"; exit 1; }
done
echo "== with a fault"
while read -r mutant package test message; do
	check "$mutant" "$package" "$test" "$message"
done < <(grep -v '^#' scripts/mutants.txt)
exit $failed
