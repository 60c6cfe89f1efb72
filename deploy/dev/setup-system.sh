#!/bin/bash
# setup-system.sh PACKAGE...: installs those packages of the distribution that are missing, as root or through
# sudo. Starts, stops and changes no system service: while packages are unpacked a policy file refuses every
# start, and what was there before is put back. What cannot be installed is named in one line.
set -euo pipefail

missing=()
for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

give_up() {
    echo "Please install by hand, then try again: ${missing[*]}  ($1)" >&2
    exit 1
}
command -v apt-get >/dev/null || give_up "no apt-get here"
as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || give_up "neither root nor sudo: run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
fi

echo "Installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# One root shell holds the policy file and the lock, so that it also puts back what it found if apt fails.
"${as_root[@]}" bash -euo pipefail -c '
    exec 9>/run/lock/zhida-setup-system
    flock --wait 900 9
    policy=/usr/sbin/policy-rc.d
    restore() { rm -f "$policy"; if [ -e "$policy.zhida" ]; then mv "$policy.zhida" "$policy"; fi; }
    if [ -e "$policy" ] && [ ! -e "$policy.zhida" ]; then mv "$policy" "$policy.zhida"; fi
    trap restore EXIT
    printf "#!/bin/sh\nexit 101\n" >"$policy"
    chmod 755 "$policy"
    export DEBIAN_FRONTEND=noninteractive
    apt="apt-get -o DPkg::Lock::Timeout=900 -q"
    $apt install --yes --no-install-recommends "$@" || { $apt update && $apt install --yes --no-install-recommends "$@"; }
' setup-system "${missing[@]}" >"$log" 2>&1 9>&- || { tail -n 5 "$log" >&2; give_up "apt-get failed"; }
