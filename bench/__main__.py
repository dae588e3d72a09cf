"""`make bench`: runs every benchmark, prints a table of ratios and writes bench-results.json."""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "inet_comms.settings",
            "DATA_DIR": folder,
            "DEBUG": "0",
            "DEMO": "0",
            "SECRET_KEY": "bench",
            "LOG_LEVEL": "ERROR",
            "EMAIL_URL": "dummymail://",
        }
        import django

        django.setup()
        from bench import calendar, cards, pages, photos

        rows = [*pages.run(), *photos.run(), *cards.run(), *calendar.run()]
    width = max(len(row["name"]) for row in rows)
    sys.stdout.write(f"{'work':<{width}}  {'value':>10}  {'reference':>10}  {'ratio':>7}  aim\n")
    for row in rows:
        sys.stdout.write(
            f"{row['name']:<{width}}  {row['value']:>10.4g}  {row['reference']:>10.4g}  {row['ratio']:>7.2f}  {row['aim']}\n"
        )
    (ROOT / "bench-results.json").write_text(json.dumps(rows, indent=1) + "\n")
    sys.stdout.write("Written to bench-results.json\n")


if __name__ == "__main__":
    main()
