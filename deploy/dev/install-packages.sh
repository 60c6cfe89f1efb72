#!/bin/bash
# install-packages.sh VENV: exactly what the lock files name, every file checked against its hash, and this
# checkout itself in place (edits take effect at once).
set -euo pipefail
venv=$1
export PIP_DISABLE_PIP_VERSION_CHECK=1

"$venv/bin/python" -m pip install --quiet --require-hashes -r requirements-setup.txt
# Hard links cannot cross file systems; say so beforehand rather than warn for every package.
export UV_LINK_MODE=${UV_LINK_MODE:-copy}
# uv knows nothing of pip's settings (a mirror, a proxy's certificate): where it cannot reach a registry, pip may.
if ! VIRTUAL_ENV=$venv "$venv/bin/uv" pip install --quiet --require-hashes -r requirements-dev.txt; then
    echo "uv could not install the packages; trying pip, which takes longer" >&2
    "$venv/bin/python" -m pip install --quiet --require-hashes -r requirements-dev.txt
fi
# "compat": one folder on the path, so that packages made later are found without installing again.
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --no-index \
    --config-settings editable_mode=compat --editable .
