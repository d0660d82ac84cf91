"""The independent reader: what do MLflow's databases hold of what the ledgers say was logged?

Shares nothing with the daemon, neither code nor SQLite: the values are made again from the rule
in points.ts, the databases are read as plain files. Standard library only.

  reader.py witness DATABASE   from now on, notes each point that is written a second time: the
                               primary key of MLflow's table hides it, because equal points are one
  reader.py check TASK         TASK is JSON: {"databases": {tracker: path}, "ledgers": [path, ...],
                               "letters": [{"run_id", "tracker", "code"}, ...]};
                               prints what was found as JSON
"""

import json
import sqlite3
import sys

KEYS = [f"metric/{key}" for key in range(4)]
TAG = "progress"
FINDINGS_MAX = 40
LARGEST = sys.float_info.max

WITNESS = """
CREATE TABLE IF NOT EXISTS torture_doubled (run_uuid TEXT, "key" TEXT, step INTEGER);
CREATE TRIGGER IF NOT EXISTS torture_witness BEFORE INSERT ON metrics
WHEN EXISTS (
  SELECT 1 FROM metrics m WHERE m."key" = NEW."key" AND m.timestamp = NEW.timestamp
  AND m.step = NEW.step AND m.run_uuid = NEW.run_uuid AND m.value = NEW.value AND m.is_nan = NEW.is_nan
)
BEGIN
  INSERT INTO torture_doubled VALUES (NEW.run_uuid, NEW."key", NEW.step);
END;
CREATE TRIGGER IF NOT EXISTS torture_somebody AFTER INSERT ON runs
BEGIN
  INSERT INTO params ("key", value, run_uuid) VALUES ('refused', 'theirs', NEW.run_uuid);
END;
"""

# A point is right when it is what its place says: index = step + 5.
POINTS = """
SELECT count(*), max(step + 5), coalesce(sum(is_right), 0), coalesce(sum(is_right AND step + 5 < :acknowledged), 0)
FROM (
  SELECT step, step >= -5 AND timestamp = :base + step + 5 AND CASE (step + 5) % 1009
    WHEN 7 THEN value = 0.0 AND is_nan = 1
    WHEN 8 THEN value = :largest AND is_nan = 0
    WHEN 9 THEN value = -:largest AND is_nan = 0
    ELSE value = (((step + 5) * 1103515245 + :seed) & 4294967295) / 1000.0 AND is_nan = 0
  END AS is_right
  FROM metrics WHERE run_uuid = :run AND +"key" = :key
)
"""


class Run:
    def __init__(self, run_id, base_ms, trackers):
        self.run_id = run_id
        self.base_ms = int(base_ms)
        self.trackers = trackers.split(",")
        self.is_acknowledged = self.is_end_acknowledged = self.is_refused = False
        self.points = {key: [0, 0] for key in KEYS}  # logged, acknowledged
        self.params = [0, 0]
        self.tag = [0, 0]
        self.end = None


def read_ledger(path):
    """The runs of one ledger. A last line without its end was never acted upon."""
    with open(path) as file:
        lines = file.read().split("\n")[:-1]
    runs, effects, settled = {}, [], 0
    for line in lines:
        kind, *fields = line.split(" ")
        if kind == "A":
            for effect in effects[settled : int(fields[0])]:
                effect()
            settled = int(fields[0])
            effects.append(lambda: None)
        else:
            effects.append(_note(runs, kind, *fields))
    return list(runs.values())


def _note(runs, kind, number, *fields):
    """Notes what a line logs; returns what to do once that is acknowledged."""
    if kind == "R":
        runs[number] = Run(*fields)
    if kind == "X":
        run_id, trackers = fields
        runs[number] = Run(run_id, 0, trackers)
        runs[number].is_refused = True
        runs[number].end = "FINISHED"
    run = runs[number]
    if kind == "X":
        return lambda: run.__dict__.update(is_acknowledged=True, is_end_acknowledged=True)
    if kind == "R":
        return lambda: setattr(run, "is_acknowledged", True)
    if kind == "E":
        run.end = fields[0]
        return lambda: setattr(run, "is_end_acknowledged", True)
    extent = {"M": lambda: run.points[f"metric/{fields[0]}"], "P": lambda: run.params, "T": lambda: run.tag}[kind]()
    count = int(fields[-1])
    extent[0] = max(extent[0], count)
    return lambda: extent.__setitem__(1, max(extent[1], count))


class Check:
    def __init__(self, letters):
        self.letters = {(letter["run_id"], letter["tracker"]) for letter in letters}
        self.counts = dict.fromkeys(
            ("runs", "acknowledgedPoints", "acknowledgedTexts", "storedPoints", "letters", "lost", "doubled", "invented"), 0
        )
        self.findings = []

    def note(self, kind, count, text):
        self.counts[kind] += count
        if count > 0 and len(self.findings) < FINDINGS_MAX:
            self.findings.append(f"{kind} {count}: {text}")

    def run_in(self, database, run, tracker):
        where = f"run {run.run_id} in {tracker}"
        found = database.execute("SELECT status FROM runs WHERE run_uuid = ?", (run.run_id,)).fetchall()
        self.note("lost", int(run.is_acknowledged and not found), f"{where}: the run")
        if run.is_refused:
            is_noted = (run.run_id, tracker) in self.letters
            self.note("lost", int(run.is_acknowledged and not is_noted), f"{where}: the letter of what was refused")
            self.counts["letters"] += int(is_noted)
        rows = sum(self.points_of(database, run, key, where) for key in KEYS)
        everything = _number(database, "SELECT count(*) FROM metrics WHERE run_uuid = ?", run.run_id)
        self.note("invented", everything - rows, f"{where}: points of unknown metrics")
        self.counts["storedPoints"] += everything
        # The daemon's own count, written with the points: a batch taken twice is counted twice.
        counted = _number(database, "SELECT sum(points) FROM stepwell_cursors WHERE run_uuid = ?", run.run_id)
        self.note("doubled", max(0, counted - everything), f"{where}: {counted} counted, {everything} there")
        self.note("invented", max(0, everything - counted), f"{where}: {everything} there, {counted} counted")
        self.params_of(database, run, where)
        self.tag_of(database, run, where)
        if found:
            self.status_of(found[0][0], run, where)

    def points_of(self, database, run, key, where):
        logged, acknowledged = run.points[key]
        self.counts["acknowledgedPoints"] += acknowledged
        seed = (int(run.run_id[:8], 16) + KEYS.index(key) * 7919) & 0xFFFFFFFF
        values = {
            "acknowledged": acknowledged, "base": run.base_ms, "largest": LARGEST,
            "seed": seed, "run": run.run_id, "key": key,
        }  # fmt: skip
        count, highest, right, acknowledged_right = database.execute(POINTS, values).fetchone()
        self.note("lost", acknowledged - acknowledged_right, f"{where}: {key}, {acknowledged} acknowledged")
        self.note("invented", count - right, f"{where}: {key}, values that were never logged")
        if right > 0:
            # Equal rows can't be: as many as the highest index says means each of them, in a row.
            self.note("lost", max(0, highest + 1 - right), f"{where}: {key}, a gap below {highest}")
            self.note("invented", max(0, highest + 1 - logged), f"{where}: {key}, beyond {logged} logged")
            latest = _number(
                database, 'SELECT step + 5 FROM latest_metrics WHERE run_uuid = ? AND "key" = ?', run.run_id, key
            )
            self.note("lost", int(latest != highest), f"{where}: {key}, latest is {latest} of {highest}")
        return count

    def params_of(self, database, run, where):
        logged, acknowledged = run.params
        self.counts["acknowledgedTexts"] += acknowledged
        found = dict(database.execute('SELECT "key", value FROM params WHERE run_uuid = ?', (run.run_id,)))
        self.note("invented", int(found.pop("refused", "theirs") != "theirs"), f"{where}: what is refused")
        right = {f"param {param}": f"value {param} of {run.run_id}" for param in range(logged)}
        wrong = [key for key, value in found.items() if right.get(key) != value]
        self.note("invented", len(wrong), f"{where}: params {wrong[:3]}")
        lost = [param for param in range(max(acknowledged, len(found))) if f"param {param}" not in found]
        self.note("lost", len(lost), f"{where}: params {lost[:3]}")

    def tag_of(self, database, run, where):
        logged, acknowledged = run.tag
        self.counts["acknowledgedTexts"] += int(acknowledged > 0)
        query = 'SELECT CAST(value AS INTEGER) FROM tags WHERE run_uuid = ? AND "key" = ?'
        version = _number(database, query, run.run_id, TAG)
        self.note("lost", int(version < acknowledged), f"{where}: tag {version}, {acknowledged} acknowledged")
        self.note("invented", int(version > logged), f"{where}: tag {version}, {logged} logged")

    def status_of(self, status, run, where):
        # A run whose step was killed may be ended by the daemon: it is never FINISHED.
        possible = {"RUNNING", "KILLED", "FAILED"} if run.end is None else {"RUNNING", "KILLED", "FAILED", run.end}
        self.note("invented", int(status not in possible), f"{where}: status {status}")
        if run.is_end_acknowledged:
            self.note("lost", int(status != run.end), f"{where}: ended as {run.end}, is {status}")

    def strangers_in(self, database, known, tracker):
        for (run_id,) in database.execute("SELECT run_uuid FROM runs").fetchall():
            self.note("invented", int(run_id not in known), f"run {run_id} in {tracker} is nobody's")
        for table in ("metrics", "params", "tags", "latest_metrics"):
            query = f"SELECT count(*) FROM {table} WHERE run_uuid NOT IN (SELECT run_uuid FROM runs)"
            self.note("invented", _number(database, query), f"{table} of no run in {tracker}")
        doubled = _number(database, "SELECT count(*) FROM torture_doubled")
        self.note("doubled", doubled, f"points written again in {tracker}")


def _number(database, query, *values):
    row = database.execute(query, values).fetchone()
    return 0 if row is None or row[0] is None else row[0]


def check(task):
    found = Check(task["letters"])
    runs = [run for ledger in task["ledgers"] for run in read_ledger(ledger)]
    found.counts["runs"] = len(runs)
    refused = {run.run_id for run in runs if run.is_refused}
    for letter in task["letters"]:
        is_right = letter["run_id"] in refused and letter["code"] == "STEPWELL_PARAM_CHANGED"
        found.note("invented", int(not is_right), f"a letter of {letter['run_id']}: {letter['code']}")
    for tracker, path in task["databases"].items():
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        intact = database.execute("PRAGMA quick_check").fetchone()[0]
        found.note("invented", int(intact != "ok"), f"the database of {tracker} is damaged: {intact}")
        here = [run for run in runs if tracker in run.trackers]
        found.strangers_in(database, {run.run_id for run in here}, tracker)
        for run in here:
            found.run_in(database, run, tracker)
        database.close()
    print(json.dumps({**found.counts, "findings": found.findings}))


def witness(path):
    database = sqlite3.connect(path, timeout=30)
    database.executescript(WITNESS)
    database.close()


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check(json.load(sys.stdin))
    else:
        witness(sys.argv[2])
