#!/bin/sh
# Makes requirements.lock anew from pyproject.toml: the whole tree, with hashes, for the
# machines named there under [tool.uv] environments. Pins that still fit stay as they
# are; `make lock UPGRADE=1` takes the newest of everything that the ranges allow.
set -eu

cd "$(dirname "$0")/.."
. scripts/certificates.sh
python=.venv/bin/python

new=requirements.lock.new
trap 'rm -f "$new"' EXIT
if [ -z "${UPGRADE:-}" ] && [ -f requirements.lock ]; then
    cp requirements.lock "$new" # uv prefers the pins that it finds in its output file
fi

.venv/bin/uv pip compile --quiet --universal --python "$python" --group dev \
    --generate-hashes --no-annotate --no-header --no-emit-index-url \
    pyproject.toml --output-file "$new" >/dev/null </dev/null

# A package that every one of these machines needs carries no marker: on any other
# machine the install shall fail and say so, rather than install nothing and succeed.
"$python" - "$new" <<'PYTHON'
import re
import sys
from pathlib import Path

path = Path(sys.argv[1])
text = path.read_text(encoding="utf-8")
markers = re.findall(r"^\S+ ; (.+?) \\$", text, re.MULTILINE)
everywhere = max(set(markers), key=markers.count)
text = text.replace(f" ; {everywhere} \\\n", " \\\n")
head = "# Made by `make lock` from pyproject.toml. Do not edit.\n"
path.write_text(head + text.removeprefix(head), encoding="utf-8")
PYTHON
mv "$new" requirements.lock
