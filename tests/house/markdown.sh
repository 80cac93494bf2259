#!/usr/bin/env bash
# The rules of Markdown files; markdown.py says what they are.
set -euo pipefail
exec python3 tests/house/markdown.py
