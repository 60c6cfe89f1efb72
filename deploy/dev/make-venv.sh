#!/bin/bash
# make-venv.sh PYTHON FOLDER: a virtual environment with pip in FOLDER; what is missing for it is installed.
set -euo pipefail
python=$1 folder=$2

"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || {
    echo "Zhida needs Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/python3.12 or install one." >&2
    exit 1
}
# Debian ships Python without what makes virtual environments.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$(dirname "$0")/setup-system.sh" "python$version-venv"
fi
exec "$python" -m venv "$folder"
