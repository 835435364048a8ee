#!/bin/sh
# The unit of gop2pd: as closed as systemd can rate, in tenths of a point.
unit=systemd/gop2pd.service
threshold=15

if ! systemd-analyze security --help 2>/dev/null | grep -q offline; then
	echo "1..0 # SKIP no systemd-analyze that rates files"
	exit 0
fi
echo 1..1
if report=$(systemd-analyze security --no-pager --offline=true \
    --threshold=$threshold "$unit" 2>&1); then
	echo "ok 1 - the unit is closed to at least $threshold tenths"
else
	echo "$report" | sed 's/^/# /'
	echo "not ok 1 - the unit is closed to at least $threshold tenths"
fi
