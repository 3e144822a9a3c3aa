#!/bin/sh
# Converts the long-running services of Debian's packages and tells how many could be: measure.sh CONVERT_UNITS PACKAGES
# The packages, of which a file has the names, are fetched and unpacked into a directory that is gone afterwards; none is
# installed. Of a package that the release does not have nothing is counted.
set -eu
program=$1 names=$2
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
while read -r package; do
  case $package in '' | '#'*) continue ;; esac
  (cd "$work" && apt-get -qq download "$package") >&2 2>/dev/null || { echo "not here: $package" >&2; continue; }
  mkdir "$work/$package"
  dpkg-deb --fsys-tarfile "$work/$package"_*.deb |
    tar -x -C "$work/$package" --wildcards '*.service' '*.socket' 2>/dev/null || true
  rm -f "$work/$package"_*.deb
done < "$names"
echo "packages: $(find "$work" -mindepth 1 -maxdepth 1 -type d | wc -l)"
"$program" runit,s6,nosh "$work"/*/
