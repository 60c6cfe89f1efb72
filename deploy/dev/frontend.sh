#!/bin/bash
# Puts the pages' own JavaScript under shared/web/static/vendor, from package-lock.json. Nothing is loaded from
# outside when the pages run.
set -euo pipefail
vendor=shared/web/static/vendor

command -v npm >/dev/null || deploy/dev/setup-system.sh npm
# The cache first: a second checkout on the same machine needs no network.
npm ci --prefer-offline --no-audit --no-fund --ignore-scripts --loglevel=error
mkdir -p "$vendor"
cp node_modules/htmx.org/dist/htmx.min.js "$vendor/htmx.min.js"
cp node_modules/htmx.org/LICENSE "$vendor/htmx.LICENSE"
