#!/bin/sh
# Make sure there is a Chromium for the browser tests: the system's, else its package manager's,
# else Playwright's own download. Usage: install_chromium.sh PYTHON
python="$1"

found() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    "$python" - <<'EOF'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(0 if pathlib.Path(playwright.chromium.executable_path).exists() else 1)
EOF
}

found && exit 0
echo "No Chromium found; installing one for the browser tests."
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then sudo=""; else sudo="sudo -n"; fi
    $sudo apt-get update -qq && $sudo apt-get install -y -qq chromium >/dev/null && found && exit 0
fi
"$python" -m playwright install chromium && found && exit 0
echo "No Chromium could be installed; the browser tests will say so." >&2
exit 0
