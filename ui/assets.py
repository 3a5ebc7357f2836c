"""Put the browser's libraries where the service serves them: `python -m ui.assets`, after npm."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENDOR = Path(__file__).parent / "static" / "vendor"
FILES = (
    "htmx.org/dist/htmx.min.js",
    "htmx-ext-sse/dist/sse.js",
    "idiomorph/dist/idiomorph-ext.min.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)


def main() -> None:
    """Replace the folder by fresh copies, so that nothing of an older version stays."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for file in FILES:
        shutil.copy(ROOT / "node_modules" / file, VENDOR)


if __name__ == "__main__":
    main()
