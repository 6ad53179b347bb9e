"""Says in a sentence what the whole suite needs and doesn't find, and exits 1; with `java`, also for HTML and codes."""

import os
import shutil
import sys
from pathlib import Path

import psycopg

missing = []
try:
    with psycopg.connect(os.environ["POSTGRES_URL"], connect_timeout=5) as connection:
        row = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        if not row or not row[0]:
            missing.append("The PostgreSQL role of POSTGRES_URL may not create databases: ALTER ROLE … CREATEDB.")
except psycopg.OperationalError as error:
    missing.append(f"PostgreSQL does not answer at POSTGRES_URL: {error}")
if not shutil.which("chromium"):
    missing.append("Chromium is not installed (on Debian: apt-get install chromium).")
if "java" in sys.argv[1:]:
    if not shutil.which("java"):
        missing.append(
            "Java, which checks our HTML, is not installed (on Debian: apt-get install default-jre-headless)."
        )
    if not shutil.which("npm") and not Path(sys.prefix, "vnu.jar").exists():
        missing.append("npm, which fetches the HTML checker, is not installed (on Debian: apt-get install npm).")
    if not shutil.which("zbarimg"):
        missing.append("zbar, which reads our QR codes, is not installed (on Debian: apt-get install zbar-tools).")
for sentence in missing:
    print(sentence, file=sys.stderr)
sys.exit(bool(missing))
