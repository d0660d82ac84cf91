/** What becomes of the address at which metrics are to be read, and what a process that shows none does without. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/home/clock.js";
import type { RelaySnapshot } from "../../src/metrics/relay-metrics.js";
import { type MetricsOptions, showRelay } from "../../src/metrics/start.js";
import { RelayTally } from "../../src/relay/relay-tally.js";
import { ensureBundle } from "../support/bundle.js";
import { ROOT } from "../support/home.js";
import { keptLog } from "../support/logs.js";
import { scrape, sumOf } from "../support/scraped.js";
import { until } from "../support/until.js";

function options(listen: string, more: Partial<MetricsOptions<RelaySnapshot>> = {}) {
  const [host = "", port] = listen.split(":");
  const tally = new RelayTally();
  const kept = keptLog();
  return {
    ...{ tally, messages: kept.messages, log: kept.log, clock: systemClock, instanceId: "a".repeat(32) },
    config: { listen: { host, port: Number(port) }, tokenFile: undefined, push: undefined },
    snapshot: () => ({
      ...{ tally, streams: 1, windowBytes: 1, waitingPacks: 0, tenants: { limited: 0, over: 0 } },
    }),
    ...more,
  };
}

async function shown(t: ExecutionContext, given: MetricsOptions<RelaySnapshot>) {
  const metrics = await showRelay(given);
  t.teardown(() => metrics.close());
  return metrics;
}

test("each reading has the numbers as they are then, and a histogram whose buckets hold those below them", async (t) => {
  const given = options("127.0.0.1:0");
  const { url } = await shown(t, given);
  t.deepEqual(given.messages, ["metrics can be read"]);
  t.is(sumOf(await scrape(url), "stepwell_relay_groups_total"), 0);
  given.tally.groups = 2;
  for (const ms of [0.1, 20, 1e6]) given.tally.commits.add(ms);
  const now = await scrape(url);
  t.is(sumOf(now, "stepwell_relay_groups_total"), 2);
  const name = "stepwell_relay_commit_duration_seconds";
  t.is(sumOf(now, `${name}_count`), 3);
  t.is(sumOf(now, `${name}_sum`), 1_000.0201);
  for (const [le, count] of Object.entries({ "0.0005": 1, "0.01": 1, "0.025": 2, "60": 2, "+Inf": 3 }))
    t.is(sumOf(now, `${name}_bucket`, { le }), count, le);
});

test("an address that is taken is tried again, or is an error", async (t) => {
  const first = await shown(t, options("127.0.0.1:0"));
  const { port } = new URL(first.url);
  await t.throwsAsync(showRelay(options(`127.0.0.1:${port}`)), { code: "EADDRINUSE" });
  const given = options(`127.0.0.1:${port}`, { againMs: 20 });
  const second = await shown(t, given);
  t.is(second.url, "");
  t.is(given.messages[0], "the address for metrics can't be had");
  const inWords = `Metrics can't be read at 127.0.0.1:${port}: another process has it. It is tried again every 0.02 s.`;
  t.deepEqual(second.faults, [inWords]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.is(given.messages.length, 1, "what goes on is said once");
  await first.close();
  await until(
    "the address",
    () => second.url,
    (url) => url !== "",
  );
  t.is(sumOf(await scrape(second.url), "stepwell_relay_streams"), 1);
  t.deepEqual(second.faults, []);
});

test("an address beyond loopback is warned of", async (t) => {
  const given = options("0.0.0.0:0");
  await shown(t, given);
  t.deepEqual(given.messages, ["metrics can be read", "metrics can be read from other machines"]);
});

test("what shows metrics is a file of its own, which no program loads at its start", async (t) => {
  await ensureBundle();
  const build = join(ROOT, "build");
  const names = readdirSync(join(build, "stepwell")).filter((name) => name.endsWith(".cjs"));
  for (const program of ["daemon", "relay", "command", "doctor"]) {
    const files = names.filter((name) => name.startsWith(program));
    t.true(files.length > 0, program);
    for (const file of files)
      t.false(readFileSync(join(build, "stepwell", file), "utf8").includes("MeterProvider"), file);
  }
  t.true(readFileSync(join(build, "stepwell-metrics.cjs"), "utf8").includes("MeterProvider"));
});
