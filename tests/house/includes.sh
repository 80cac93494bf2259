#!/usr/bin/env bash
# The floors of the house (includes.py lists them), and: policy/ prints nothing and never exits.
set -euo pipefail
status=0
python3 tests/house/includes.py || status=1
if grep -rnE '\b(printf|puts|perror|exit|abort|fprintf\(std(out|err))\b *\(' policy --include='*.c' | grep -v 'fprintf(out'; then
	echo "policy/ must not print or exit"
	status=1
fi
exit $status
