/** What a relay's process takes of memory with a thousand homes, whatever becomes of the database. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import test from "ava";
import { startRelay } from "../support/relay-process.js";
import { until } from "../support/until.js";
import { RawStream } from "./raw-stream.js";
import { packFor } from "./relay.js";

const HOMES = 1_000;
const MB = 1024 * 1024;

function rssMb(pid: number | undefined): number {
  const [, kb = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kb) * 1024) / MB;
}

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux(
  "a thousand streams take 150 MB, and 250 MB when all have sent what they may and the database hangs",
  async (t) => {
    // It takes connections, and says nothing.
    const hangs = createServer(() => undefined);
    hangs.listen(0, "127.0.0.1");
    await once(hangs, "listening");
    t.teardown(() => hangs.close());
    const { port } = hangs.address() as AddressInfo;
    const relay = await startRelay(t, [`--database=postgresql://nobody@127.0.0.1:${port}/none`]);
    const streams: RawStream[] = [];
    t.teardown(() => {
      for (const stream of streams) stream.close();
    });
    for (let home = 0; home < HOMES; home++) {
      const stream = new RawStream(relay.port);
      streams.push(stream);
      stream.open(home.toString(16).padStart(32, "f"));
      // A few at a time: the machine has two cores.
      if (home % 50 === 49) await stream.answer("welcome");
    }
    await Promise.all(streams.map((stream) => stream.answer("welcome")));
    const idle = rssMb(relay.child.pid);
    t.log(`idle: ${idle.toFixed(0)} MB`);
    t.true(idle <= 150, `${idle} MB`);
    const [windowBytes = 0] = streams
      .slice(-1)
      .map((stream) => Number(stream.all("welcome")[0]?.windowBytes));
    const pack = packFor({ records: [1000] });
    const each = Math.max(1, Math.ceil(windowBytes / 26_000));
    // Twice what each may have under way: the rest stays on its way.
    for (const stream of streams)
      for (let number = 1; number <= 2 * each; number++)
        stream.pack(number, { ...pack, runId: number.toString(16).padStart(32, "0") });
    let most = 0;
    const endMs = performance.now() + 20_000;
    await until(
      "it has taken what it takes",
      () => {
        most = Math.max(most, rssMb(relay.child.pid));
        return performance.now();
      },
      (nowMs) => nowMs > endMs,
      { everyMs: 250 },
    );
    t.log(`backlogged: ${most.toFixed(0)} MB`);
    t.true(most <= 250, `${most} MB`);
    t.is(relay.child.exitCode, null);
  },
);
