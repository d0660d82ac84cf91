"""Puts an earlier copy back into a database that others have open, by SQLite's own backup: restore.py COPY DATABASE."""

import sqlite3
import sys

if __name__ == "__main__":
    copy = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    database = sqlite3.connect(sys.argv[2], timeout=60)
    copy.backup(database)
    database.close()
    copy.close()
