#!/bin/sh
# Prints the version: that of the tarball, else of the git tag, else 0.1.
if test -f .tarball-version; then
	cat .tarball-version
else
	v=$(git describe --tags --match 'v[0-9]*' 2>/dev/null) || v=v0.1.0
	echo "${v#v}"
fi
