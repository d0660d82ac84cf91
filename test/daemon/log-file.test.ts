import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { openLogFile } from "../../src/daemon/log-file.js";
import { LOG_FILE_BYTES_MAX } from "../../src/model/limits.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

async function setUp(t: ExecutionContext) {
  const path = join(await scratchFolder(t), "log", "daemon.log");
  mkdirSync(dirname(path));
  const { log, close } = openLogFile(path, new SetClock());
  t.teardown(close);
  const linesOf = (file: string) =>
    readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { message: string }).message);
  return { path, log: (message: string) => log("info", message), linesOf };
}

/** So large that the next line goes to a new file. */
function fill(path: string): void {
  writeFileSync(path, `${"x".repeat(LOG_FILE_BYTES_MAX)}\n`, { flag: "a" });
}

test("a log that grows too large is set aside, and one such file is kept", async (t) => {
  const { path, log, linesOf } = await setUp(t);
  log("first");
  fill(path);
  log("second");
  t.deepEqual(linesOf(path), ["second"]);
  t.true(statSync(`${path}.1`).size > LOG_FILE_BYTES_MAX);
});

test("what a daemon's stderr gets stays in one of the two files, however often the log is set aside", async (t) => {
  const { path, log } = await setUp(t);
  const stderr = openSync(path, "a");
  t.teardown(() => closeSync(stderr));
  for (let turn = 1; turn <= 4; turn++) {
    fill(path);
    log(`turn ${turn}`);
    writeSync(stderr, `crash ${turn}\n`);
    const kept = [path, `${path}.1`].map((file) => readFileSync(file, "utf8"));
    t.true(kept.join("").includes(`crash ${turn}\n`), `${turn}`);
    t.true(kept[0]?.includes(`turn ${turn}`));
    t.true((kept[0]?.length ?? 0) < 1_000, "the new one began empty");
    t.true((kept[1]?.length ?? 0) > LOG_FILE_BYTES_MAX);
  }
  t.deepEqual(readdirSync(dirname(path)).sort(), ["daemon.log", "daemon.log.1"]);
});

test("a file to which a link leads where a log is set aside is left alone", async (t) => {
  const { path, log, linesOf } = await setUp(t);
  const others = `${path}.others`;
  writeFileSync(others, "others");
  symlinkSync(others, `${path}.1`);
  fill(path);
  log("first");
  t.deepEqual(linesOf(path), ["first"]);
  t.is(readFileSync(others, "utf8"), "others");
});

test("a log that is removed, with its folder, before its rotation or else, is made anew", async (t) => {
  const { path, log, linesOf } = await setUp(t);
  log("first");
  rmSync(path);
  log("second");
  t.deepEqual(linesOf(path), ["second"]);
  fill(path);
  rmSync(path);
  log("third");
  t.deepEqual(linesOf(path), ["third"]);
  rmSync(dirname(path), { recursive: true });
  log("fourth");
  t.deepEqual(linesOf(path), ["fourth"]);
  t.is(statSync(path).mode & 0o777, 0o600);
});

test("a log that another program set aside goes on in a new file", async (t) => {
  const { path, log, linesOf } = await setUp(t);
  log("first");
  renameSync(path, `${path}.old`);
  log("second");
  t.deepEqual(linesOf(path), ["second"]);
  t.deepEqual(linesOf(`${path}.old`), ["first"]);
});

test("a home that was removed is not made again by its log", async (t) => {
  const { path, log } = await setUp(t);
  const home = dirname(dirname(path));
  rmSync(home, { recursive: true });
  log("first");
  t.is(statSync(home, { throwIfNoEntry: false }), undefined);
});

const inTheWay: readonly { what: string; put: (path: string) => void }[] = [
  { what: "a folder", put: (path) => mkdirSync(join(path, "full"), { recursive: true }) },
  { what: "a pipe", put: (path) => execFileSync("mkfifo", [path]) },
  { what: "a link to nowhere", put: (path) => symlinkSync("/none/at/all", path) },
  { what: "a link to itself", put: (path) => symlinkSync(path, path) },
];

for (const { what, put } of inTheWay) {
  test(`${what} in the log's place, or where it is set aside, is gone on without`, async (t) => {
    const { path, log, linesOf } = await setUp(t);
    log("first");
    put(`${path}.1`);
    fill(path);
    log("second");
    t.deepEqual(linesOf(path), ["second"]);
    rmSync(path);
    put(path);
    log("third");
    const { log: alone, close } = openLogFile(path, new SetClock());
    t.notThrows(() => alone("info", "fourth"));
    close();
    rmSync(path, { recursive: true });
    log("fifth");
    t.deepEqual(linesOf(path), ["fifth"]);
  });
}

test("a log that may not be written to is gone on without", async (t) => {
  const { path, log } = await setUp(t);
  chmodSync(dirname(path), 0o000);
  t.teardown(() => chmodSync(dirname(path), 0o700));
  t.notThrows(() => log("first"));
});
