#!/usr/bin/env bash
# Installs what the tests need beyond Go, from Debian's packages. Does nothing where it is there already.
set -euo pipefail

have_browser() { command -v chromium >/dev/null; }

if have_browser; then
	exit 0
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "make test needs Chromium; run it as root or with sudo, or install the package chromium yourself" >&2
		exit 1
	fi
	sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq chromium >/dev/null
have_browser || { echo "the package chromium installed no program named chromium" >&2; exit 1; }
