#!/bin/bash
# lock.sh VENV [--upgrade]: requirements*.in -> requirements*.txt, for every supported Python, with hashes and without any
# address, so that the files mean the same on every machine and behind every mirror.
set -euo pipefail
for name in requirements-setup requirements requirements-dev; do
    "$1/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header "${@:2}" "$name.in" --output-file "$name.txt"
done
