#!/usr/bin/env bash
# Installs what tests need beyond Go, from Debian's packages. Does nothing where it is there already.
# `tools.sh` is for make test, `tools.sh disks` for the real disks and the thin line of make chaos.
set -euo pipefail

case "${1:-}" in
disks) programs="mkfs.xfs mkfs.ext4 mount prlimit strace ip tc" packages="xfsprogs e2fsprogs mount util-linux strace iproute2" ;;
*) programs="chromium" packages="chromium" ;;
esac
export PATH="$PATH:/usr/sbin:/sbin"
missing() { for p in $programs; do command -v "$p" >/dev/null || echo "$p"; done; }

if [ -z "$(missing)" ]; then
	exit 0
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "missing:" $(missing) "- run this as root or with sudo, or install $packages yourself" >&2
		exit 1
	fi
	sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq $packages >/dev/null
[ -z "$(missing)" ] || { echo "the packages $packages brought no" $(missing) >&2; exit 1; }
