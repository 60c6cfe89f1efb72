#!/bin/sh
# Prints a Python that Zhida runs on (3.11 to 3.13), the plain `python3` first; "python3" if there is none,
# so that make-venv.sh can say what is wrong.
for name in python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo python3
