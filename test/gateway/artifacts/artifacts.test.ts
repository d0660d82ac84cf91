/** Uploads, lists and downloads while a server is there, away, and going away in the midst. */
import { PassThrough, Readable } from "node:stream";
import test from "ava";
import { ApiDown } from "../../../src/gateway/tracker-api.js";
import { until } from "../../support/until.js";
import { BYTES_MAX, bodyOf, bytes, setUp } from "./fake-server.js";

test("with the server there an upload goes through, and leaves nothing behind", async (t) => {
  const { spool, server, ask } = await setUp(t);
  t.is((await ask("PUT", "1/r/artifacts/a", bytes("hello there"))).status, 200);
  t.is(server.files.get("1/r/artifacts/a"), "hello there");
  t.deepEqual(spool.waitingFor("t1"), []);
});

test("a server that goes away in the midst costs nothing: the spool has all of it, and brings it there later", async (t) => {
  const { spool, server, uploader, ask } = await setUp(t);
  server.breaksAfter = 6;
  t.is((await ask("PUT", "1/r/artifacts/a", bytes("hello there"))).status, 200);
  t.is((await ask("PUT", "1/r/artifacts/b", bytes("second"))).status, 200);
  t.deepEqual(
    spool.waitingFor("t1").map(({ path }) => path),
    ["1/r/artifacts/a", "1/r/artifacts/b"],
  );
  t.is(await bodyOf(await ask("GET", "1/r/artifacts/a")), "hello there");
  const list = await ask("GET", "", undefined, "?path=1/r/artifacts");
  t.deepEqual(JSON.parse(await bodyOf(list)), {
    files: [
      { path: "a", is_dir: false, file_size: 11 },
      { path: "b", is_dir: false, file_size: 6 },
    ],
  });
  server.breaksAfter = Number.POSITIVE_INFINITY;
  server.isUp = true;
  uploader.wake("t1");
  await until(
    "all is there",
    () => spool.waitingFor("t1").length,
    (left) => left === 0,
  );
  t.deepEqual(server.uploads, ["1/r/artifacts/a", "1/r/artifacts/b"]);
  t.is(server.files.get("1/r/artifacts/a"), "hello there");
});

for (const standsStill of ["at once", "at the end"] as const) {
  test(`a server that stands still ${standsStill} is given up, and the spool goes on`, async (t) => {
    const { spool, server, uploader, ask } = await setUp(t);
    server.standsStill = standsStill;
    const text = "x".repeat(BYTES_MAX / 4);
    t.is(
      (await ask("PUT", "1/r/artifacts/a", Readable.from([Buffer.from(text), Buffer.from("end")]))).status,
      200,
    );
    t.is(await bodyOf(await ask("GET", "1/r/artifacts/a")), `${text}end`);
    server.standsStill = undefined;
    await uploader.close();
    t.is(spool.waitingFor("t1").length, 1);
  });
}

test("what comes behind something that waits goes behind it, so that the last upload of a path counts", async (t) => {
  const { spool, server, uploader, ask } = await setUp(t);
  server.isUp = false;
  await ask("PUT", "1/r/artifacts/a", bytes("old"));
  server.isUp = true;
  await ask("PUT", "1/r/artifacts/a", bytes("new"));
  t.is(await bodyOf(await ask("GET", "1/r/artifacts/a")), "new");
  uploader.wake("t1");
  await until(
    "all is there",
    () => spool.waitingFor("t1").length,
    (left) => left === 0,
  );
  t.is(server.files.get("1/r/artifacts/a"), "new");
});

test("a sender that breaks off leaves nothing, neither here nor there", async (t) => {
  const { spool, server, ask } = await setUp(t);
  const body = new PassThrough();
  // A request that nobody reads yet breaks off without a word.
  body.on("error", () => undefined);
  const asked = ask("PUT", "1/r/artifacts/a", body);
  body.write("half");
  setTimeout(() => body.destroy(new Error("gone")), 20);
  await t.throwsAsync(asked);
  t.deepEqual(spool.waitingFor("t1"), []);
  t.is(server.files.size, 0);
});

test("without room in the spool the server alone is asked, and without both the program is told", async (t) => {
  const { spool, server, ask } = await setUp(t, 4);
  t.is((await ask("PUT", "1/r/artifacts/a", bytes("longer than four"))).status, 200);
  t.is(server.files.get("1/r/artifacts/a"), "longer than four");
  server.isUp = false;
  await t.throwsAsync(ask("PUT", "1/r/artifacts/b", bytes("longer than four")), {
    code: "STEPWELL_SPOOL_FULL",
  });
  t.deepEqual(spool.waitingFor("t1"), []);
});

test("what the server refuses the program hears, and a waiting artifact that is refused stands aside", async (t) => {
  const { spool, server, uploader, ask } = await setUp(t);
  server.refuses = 400;
  t.is((await ask("PUT", "1/r/artifacts/a", bytes("x"))).status, 400);
  server.refuses = undefined;
  server.isUp = false;
  await ask("PUT", "1/r/artifacts/a", bytes("x"));
  [server.isUp, server.refuses] = [true, 302];
  t.false(await uploader.drain(100), "a proxy that wants a login is no server that refuses");
  server.refuses = 400;
  uploader.wake("t1");
  await until(
    "it waits no more",
    () => spool.waitingFor("t1").length,
    (left) => left === 0,
  );
  t.deepEqual(server.uploads, []);
});

test("what never comes, or what a server fails at, holds up nothing of others", async (t) => {
  const { spool, server, uploader, ask } = await setUp(t);
  server.isUp = false;
  const paths = ["/of-no-run", "/fails", "/not-here", "/forbidden"];
  for (const path of paths)
    await (await spool.begin({ trackerId: "t1", path, contentType: "text/plain", call: {} }, 0)).keep();
  for (const path of ["1/never/artifacts/a", "1/never/artifacts/b", "1/r/artifacts/a"])
    await ask("PUT", path, bytes("x"));
  for (const [at, status] of [500, 501, 403].entries()) server.answers.set(paths[at + 1] ?? "", status);
  server.isUp = true;
  uploader.wake("t1");
  await until(
    "what can go is there",
    () => server.uploads.length,
    (count) => count === 1,
  );
  await until(
    "all have had their turn",
    () => spool.waitingFor("t1").length,
    (left) => left <= 5,
  );
  t.deepEqual(
    spool.waitingFor("t1").map(({ path }) => path),
    ["/of-no-run", "/fails", "/forbidden", "1/never/artifacts/a", "1/never/artifacts/b"],
    "a server that can't do it at all will never take it",
  );
  for (const path of paths) server.answers.set(path, 200);
  await until(
    "what failed goes when it can",
    () => spool.waitingFor("t1").length,
    (left) => left === 3,
  );
});

test("no path leads out of its folder", async (t) => {
  const { ask } = await setUp(t);
  for (const path of ["1/../2", "%2e%2e/x", "%2Fetc", "a%5Cb", "a%00b", "%zz"])
    await t.throwsAsync(ask("GET", path), { message: "Invalid path" }, path);
});

test("without the server a run that began here is listed whole, by any of its ids, and what was small is read back", async (t) => {
  const { server, ask } = await setUp(t);
  await ask("PUT", "1/r/artifacts/t%20a.json", bytes("a table"));
  await ask("PUT", "1/r/artifacts/large", Readable.from([Buffer.alloc(600_000)]));
  server.isUp = false;
  await ask("PUT", "1/r/artifacts/below/b", bytes("second"));
  const list = await ask("GET", "", undefined, "?path=1/there/artifacts");
  t.deepEqual(JSON.parse(await bodyOf(list)), {
    files: [
      { path: "below", is_dir: true },
      { path: "large", is_dir: false, file_size: 600_000 },
      { path: "t a.json", is_dir: false, file_size: 7 },
    ],
  });
  t.is(await bodyOf(await ask("GET", "1/there/artifacts/below/b")), "second", "what waits");
  t.is(await bodyOf(await ask("GET", "1/there/artifacts/t%20a.json")), "a table", "what the server has");
  await t.throwsAsync(ask("GET", "1/r/artifacts/large"), { instanceOf: ApiDown });
});

test("without the server a run of which other artifacts may be there is not listed in part: a program would write over them", async (t) => {
  const { server, ask } = await setUp(t);
  server.isUp = false;
  await ask("PUT", "1/old/artifacts/b", bytes("second"));
  await t.throwsAsync(ask("GET", "", undefined, "?path=1/old/artifacts"), { instanceOf: ApiDown });
});
