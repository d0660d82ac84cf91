import { readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import {
  type Endpoint,
  homeOf,
  prepareHome,
  readEndpoint,
  removeEndpoint,
  writeEndpoint,
} from "../../src/home/endpoint.js";
import { scratchFolder } from "../support/folder.js";

const ENDPOINT: Endpoint = {
  pid: 4321,
  endpoint: "unix:/somewhere/daemon.sock",
  version: "1.2.3",
  home: "/somewhere",
  homeId: "0123456789abcdef0123456789abcdef",
  startedMs: 1_700_000_000_000,
};

test("STEPWELL_HOME wins, then XDG_DATA_HOME, then the folder below HOME", (t) => {
  const all = { STEPWELL_HOME: "/a/home", XDG_DATA_HOME: "/b", HOME: "/c" };
  t.is(homeOf(all).home, "/a/home");
  t.is(homeOf({ ...all, STEPWELL_HOME: "" }).home, "/b/stepwell");
  t.is(homeOf({ HOME: "/c" }).home, "/c/.local/share/stepwell");
});

test("all parts lie below the home; what is installed for all homes, in the user's folder", (t) => {
  const { integrationsFolder, ...paths } = homeOf({ STEPWELL_HOME: "/a/home", HOME: "/a/user" });
  t.is(integrationsFolder, "/a/user/.local/share/stepwell/integrations");
  for (const part of Object.values(paths).flat()) t.true(part.startsWith("/a/home"), part);
  t.is(paths.socketPath, "/a/home/run/daemon.sock");
  t.is(paths.endpointFile, "/a/home/endpoint.json");
});

test("a socket path of more than 100 bytes moves to a short folder, one for each home", async (t) => {
  const runtime = await scratchFolder(t);
  const long = (letter: string) => ({ STEPWELL_HOME: `/${letter.repeat(120)}` });
  const first = homeOf({ ...long("a"), XDG_RUNTIME_DIR: runtime }).socketPath;
  const second = homeOf({ ...long("b"), XDG_RUNTIME_DIR: runtime }).socketPath;
  t.is(dirname(dirname(first)), runtime);
  t.not(first, second);
  t.true(
    homeOf({ ...long("a"), XDG_RUNTIME_DIR: "/does/not/exist" }).socketPath.startsWith("/tmp/stepwell-"),
  );
  const temporary = { ...long("a"), TMPDIR: "/var/tmp" };
  t.true(homeOf(temporary).socketPath.startsWith("/var/tmp/stepwell-"));
  t.is(dirname(dirname(homeOf({ ...temporary, XDG_RUNTIME_DIR: runtime }).socketPath)), runtime);
  const longTemporary = { ...long("a"), TMPDIR: `/${"t".repeat(90)}` };
  t.true(homeOf(longTemporary).socketPath.startsWith("/tmp/stepwell-"));
});

test("the bound is in bytes, not in characters", (t) => {
  const home = `/${"ü".repeat(45)}`;
  t.true(`${home}/run/daemon.sock`.length < 100);
  t.true(homeOf({ STEPWELL_HOME: home }).socketPath.startsWith("/tmp/stepwell-"));
});

test("what was written is read back, and the file is for this user alone", async (t) => {
  const paths = homeOf({ STEPWELL_HOME: await scratchFolder(t) });
  t.is(readEndpoint(paths), undefined);
  await writeEndpoint(paths, { ...ENDPOINT, pid: 1 });
  // As a daemon leaves it that is killed before it can name it.
  await writeFile(`${paths.endpointFile}.0123456789ab`, "{");
  await writeEndpoint(paths, ENDPOINT);
  t.deepEqual(readEndpoint(paths), ENDPOINT);
  t.is((await stat(paths.endpointFile)).mode & 0o777, 0o600);
  t.deepEqual(await readdir(paths.home), ["endpoint.json"]);
});

test("a file that is no endpoint file counts as missing", async (t) => {
  const paths = homeOf({ STEPWELL_HOME: await scratchFolder(t) });
  for (const text of ["", "{", "null", "[]", '{"format":1}', '{"format":2,"pid":1}']) {
    await writeFile(paths.endpointFile, text);
    t.is(readEndpoint(paths), undefined, text);
  }
});

test("a daemon removes its own endpoint file and leaves its successor's", async (t) => {
  const paths = homeOf({ STEPWELL_HOME: await scratchFolder(t) });
  await writeEndpoint(paths, ENDPOINT);
  removeEndpoint(paths, ENDPOINT.pid + 1);
  t.truthy(readEndpoint(paths));
  removeEndpoint(paths, ENDPOINT.pid);
  t.is(readEndpoint(paths), undefined);
  t.notThrows(() => removeEndpoint(paths, ENDPOINT.pid));
});

test("a home that can't be made is refused with its path", async (t) => {
  const file = join(await scratchFolder(t), "file");
  await writeFile(file, "");
  const error = await t.throwsAsync(prepareHome(homeOf({ STEPWELL_HOME: join(file, "home") })));
  t.like(error, { code: "STEPWELL_HOME_UNUSABLE" });
  t.true(error.message.includes(file));
});
