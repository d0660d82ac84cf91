/** Who may read metrics at an address, and who may not. */
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ScrapeServer, type ScrapeServerOptions } from "../../src/metrics/scrape-server.js";
import { scratchFolder } from "../support/folder.js";

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function serverOf(t: ExecutionContext, more: Partial<ScrapeServerOptions> = {}) {
  const server = new ScrapeServer({
    ...{ address: { host: "127.0.0.1", port: 0 }, tokenFile: undefined, machine: "gpu-node-1" },
    ...{ text: async () => "stepwell_points 1\n", isOwn: async () => true },
    ...more,
  });
  await server.listen();
  t.teardown(() => server.close());
  return server;
}

/** Asks by any header: fetch would choose some itself. */
async function ask(
  { url }: ScrapeServer,
  headers: Readonly<Record<string, string>> = {},
  { method = "GET", path = "/metrics" } = {},
): Promise<Answered> {
  const { port } = new URL(url.replace("0.0.0.0", "127.0.0.1"));
  return await new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
      );
    });
    asked.on("error", reject).end();
  });
}

test("whoever runs the process reads the text, which no browser would take for a page", async (t) => {
  const server = await serverOf(t);
  const { status, text, headers } = await ask(server);
  t.is(status, 200);
  t.is(text, "stepwell_points 1\n");
  t.like(headers, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  t.like(headers, { "x-content-type-options": "nosniff", "cache-control": "no-store" });
  t.is((await ask(server, {}, { method: "HEAD" })).text, "");
  t.is((await ask(server, {}, { method: "POST" })).status, 405);
  t.is((await ask(server, {}, { path: "/" })).status, 404);
  t.is((await ask(server, {}, { path: "/metrics?module=a" })).status, 200);
});

test("a page can't ask: not from another origin, and not by a name that leads here", async (t) => {
  const server = await serverOf(t);
  const { port } = new URL(server.url);
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1.evil.example",
    "gpu-node-1.evil.example",
  ])
    t.is((await ask(server, { host })).status, 403, host);
  for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]:1", "10.0.0.7:9464", "GPU-node-1:9464"])
    t.is((await ask(server, { host })).status, 200, host);
  for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${port}`])
    t.is((await ask(server, { origin })).status, 403, origin);
  for (const site of ["cross-site", "same-site", "same-origin"])
    t.is((await ask(server, { "sec-fetch-site": site })).status, 403, site);
});

test("another user of the machine needs the token, which is read anew each time", async (t) => {
  const none = await serverOf(t, { isOwn: async () => false });
  t.is((await ask(none)).status, 401);
  const tokenFile = join(await scratchFolder(t), "token");
  writeFileSync(tokenFile, "first\n");
  const server = await serverOf(t, { isOwn: async () => false, tokenFile });
  t.is((await ask(server)).status, 401);
  t.is((await ask(server, { authorization: "Bearer first" })).status, 200);
  t.is((await ask(server, { authorization: "Bearer first2" })).status, 401);
  t.is((await ask(server, { authorization: "Basic first" })).status, 401);
  writeFileSync(tokenFile, "second");
  t.is((await ask(server, { authorization: "Bearer first" })).status, 401);
  t.is((await ask(server, { authorization: "Bearer second" })).status, 200);
  // An empty file lets nobody in, and one that is gone says nothing to whoever asks.
  writeFileSync(tokenFile, "\n");
  t.is((await ask(server, { authorization: "Bearer " })).status, 401);
  t.is((await ask(server, { authorization: "Bearer x" })).status, 401);
  const gone = await serverOf(t, { tokenFile: `${tokenFile}.gone` });
  // What the user may read without it stays readable, and status says what is wrong.
  t.is((await ask(gone, { authorization: "Bearer x" })).status, 200);
  t.is(gone.fault, `The token for metrics can't be read (ENOENT): ${tokenFile}.gone.`);
  const shut = await serverOf(t, { isOwn: async () => false, tokenFile: `${tokenFile}.gone` });
  const { status, text } = await ask(shut, { authorization: "Bearer x" });
  t.is(status, 401);
  t.false(text.includes("token.gone"));
  writeFileSync(`${tokenFile}.gone`, "back");
  t.is((await ask(gone, { authorization: "Bearer back" })).status, 200);
  t.is(gone.fault, undefined);
});

test("who shows the token may ask by any name, as by the one that a node has in its cluster", async (t) => {
  const tokenFile = join(await scratchFolder(t), "token");
  writeFileSync(tokenFile, "first");
  const server = await serverOf(t, { tokenFile });
  const host = "gpu-node-1.cluster.example:9464";
  t.is((await ask(server, { host })).status, 403);
  t.is((await ask(server, { host, authorization: "Bearer wrong" })).status, 403);
  t.is((await ask(server, { host, authorization: "Bearer first" })).status, 200);
  const page = { host, authorization: "Bearer first", origin: "https://evil.example" };
  t.is((await ask(server, page)).status, 403);
});

test("beyond loopback everybody who reaches it reads, or only who has the token", async (t) => {
  const address = { host: "0.0.0.0", port: 0 };
  t.is((await ask(await serverOf(t, { address, isOwn: async () => false }))).status, 200);
  const tokenFile = join(await scratchFolder(t), "token");
  writeFileSync(tokenFile, "first");
  const server = await serverOf(t, { address, tokenFile });
  t.is((await ask(server)).status, 401, "its own user needs it, too: who asks can't be told there");
  t.is((await ask(server, { authorization: "Bearer first" })).status, 200);
});

test("many who ask at once are one reading, and what can't be read is an error without its reason", async (t) => {
  let readings = 0;
  let answer: (text: string) => void = () => undefined;
  const server = await serverOf(t, {
    text: () => {
      readings += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  const asked = [ask(server), ask(server), ask(server)];
  while (readings === 0) await new Promise(setImmediate);
  // Each of them has come in by now, or asks for a reading of its own, which hangs.
  await new Promise((resolve) => setTimeout(resolve, 200));
  answer("a 1\n");
  t.deepEqual(
    (await Promise.all(asked)).map(({ text }) => text),
    ["a 1\n", "a 1\n", "a 1\n"],
  );
  t.is(readings, 1);
  const failing = await serverOf(t, { text: async () => Promise.reject(new Error("secret")) });
  const { status, text } = await ask(failing);
  t.is(status, 500);
  t.false(text.includes("secret"));
});

test("an address that is taken is said", async (t) => {
  const first = await serverOf(t);
  const port = Number(new URL(first.url).port);
  const second = new ScrapeServer({
    ...{ address: { host: "127.0.0.1", port }, tokenFile: undefined, text: async () => "" },
  });
  const warnings: Error[] = [];
  const hear = (warning: Error) => void warnings.push(warning);
  process.on("warning", hear);
  for (let times = 0; times < 20; times++) await t.throwsAsync(second.listen(), { code: "EADDRINUSE" });
  await new Promise(setImmediate);
  process.off("warning", hear);
  t.deepEqual(warnings, [], "an attempt that failed leaves nothing");
});
