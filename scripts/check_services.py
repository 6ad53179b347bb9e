"""Says in a sentence what the whole suite needs and does not find; exits 1 then."""

import os
import shutil
import sys

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
for sentence in missing:
    print(sentence, file=sys.stderr)
sys.exit(bool(missing))
