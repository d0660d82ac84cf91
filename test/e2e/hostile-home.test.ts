/**
 * What stands in the place of a home's files may be anything: each thing costs itself only. The daemon starts
 * and serves, or says one clear error; nothing waits for ever.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import type { HomePaths } from "../../src/home/endpoint.js";
import { scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

type Put = (path: string) => Promise<void> | void;

const things: Readonly<Record<string, Put>> = {
  "a folder": (path) => void mkdirSync(join(path, "full"), { recursive: true }),
  "a pipe": (path) => void execFileSync("mkfifo", [path]),
  "a link to nowhere": (path) => symlinkSync("/none/at/all", path),
  "a link to itself": (path) => symlinkSync(path, path),
  "a link to zeros without an end": (path) => symlinkSync("/dev/zero", path),
  garbage: (path) => writeFileSync(path, Buffer.from([0, 255, 254, 10, 123])),
  null: (path) => writeFileSync(path, "null"),
  "4 GiB of nothing": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 4 * 1024 ** 3);
  },
  "a socket that nobody listens to": (path) => {
    const leave =
      "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    spawnSync(process.execPath, ["-e", leave, path], { stdio: "ignore" });
  },
};

const places: Readonly<Record<string, (paths: HomePaths) => string>> = {
  "endpoint.json": (paths) => paths.endpointFile,
  "home-id": (paths) => paths.homeIdFile,
  "the log": (paths) => paths.logFile,
  "the old log": (paths) => `${paths.logFile}.1`,
  "the spawn lock": (paths) => paths.spawnLockFile,
  "the socket": (paths) => paths.socketPath,
  reserve: (paths) => paths.reserveFile,
  "the farewell": (paths) => join(paths.home, "run", "farewell.json"),
  "a note": (paths) => join(paths.stepEndsFolder, `${"a".repeat(32)}.json`),
  "the vault's key": (paths) => join(paths.vaultFolder, "key"),
  "a vault's item": (paths) => join(paths.vaultFolder, "item.age"),
  "the installed MLflow": (paths) => join(paths.integrationsFolder, "mlflow.json"),
};

/** Folders whose place something else takes, so that nothing can be kept there: one clear error. */
const refused: Readonly<Record<string, (paths: HomePaths) => string>> = {
  state: (paths) => paths.stateFolder,
  "the home": (paths) => paths.home,
};

for (const [thing, put] of Object.entries(things)) {
  test(`a home serves with ${thing} in the place of each of its files`, async (t) => {
    const home = await scratchHome(t);
    for (const of of Object.values(places)) {
      const path = of(home.paths);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // What stands in the folder's place already keeps the file out.
      await Promise.resolve()
        .then(() => put(path))
        .catch(() => undefined);
    }
    const started = await home.here(["daemon", "start"]);
    t.is(started.code, 0, started.stderr);
    t.like(await home.json(["status"]), { journal_error: "", state_error: "" });
    const shown = await home.here(["doctor", "-o", "json"]);
    t.true((JSON.parse(shown.stdout) as unknown[]).length > 0);
    t.is((await home.here(["daemon", "logs"])).code, 0);
    const stopped = await home.here(["daemon", "stop"]);
    t.is(stopped.code, 0, stopped.stderr);
    t.is((await home.here(["daemon", "start"])).code, 0);
  });
}

for (const [place, of] of Object.entries(refused)) {
  test(`one clear error is said of what stands in the place of: ${place}`, async (t) => {
    const home = await scratchHome(t);
    for (const thing of ["a pipe", "a link to nowhere", "garbage"]) {
      const path = of(home.paths);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      rmSync(path, { recursive: true, force: true });
      await things[thing]?.(path);
      const { code, stderr } = await home.here(["daemon", "start"]);
      t.is(code, 1, `${thing}: ${stderr}`);
      t.regex(stderr, /STEPWELL_(HOME_UNUSABLE|STATE_FAILED|STORE_DAMAGED)\n$/, thing);
    }
  });
}

test("something in the place of the journal's folder is told by status, and the daemon goes on once it is gone", async (t) => {
  const home = await scratchHome(t);
  mkdirSync(home.paths.home, { mode: 0o700 });
  execFileSync("mkfifo", [home.paths.journalFolder]);
  t.is((await home.here(["daemon", "start"])).code, 0);
  const errorOf = async () => ((await home.json(["status"])) as { journal_error: string }).journal_error;
  t.regex(await errorOf(), /^STEPWELL_JOURNAL_FAILED/);
  rmSync(home.paths.journalFolder);
  await until("the journal is open", errorOf, (error) => error === "");
});
