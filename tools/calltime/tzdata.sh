#!/bin/sh
# Compiles the zones of Debian's newest tzdata, from 2025 on, into a directory:
#   apt-get update && apt-get download tzdata && ./tzdata.sh tzdata_*_all.deb OUT
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
dpkg-deb -x "$1" "$dir"
mkdir -p "$2"
zic -b slim -r @1735689600 -d "$2" "$dir/usr/share/zoneinfo/tzdata.zi"
rm -f "$2/posixrules"
dpkg-deb -f "$1" Version > "$2/version"
head -1 "$dir/usr/share/zoneinfo/tzdata.zi"
