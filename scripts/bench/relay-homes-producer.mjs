/**
 * Many homes that deliver to one relay, in one process: relay-homes-producer.mjs URI COUNT. It says "open" once each has a
 * stream. For a line on its standard input each home sends more than its window holds, and it says "sent".
 */
import { createInterface } from "node:readline";

const { packFor, runId, sinkTo } = await import("../../build/test/relay/relay.js");
const [uri = "", count = "0"] = process.argv.slice(2);
/** More than a stream's window, where a thousand share a relay. */
const packs = 4;
const points = 2_000;

const homes = Array.from({ length: Number(count) }, (_, index) => {
  const { sink } = sinkTo({ teardown: () => undefined }, uri);
  return { id: runId(index + 1), sink };
});
// A balancer, or a relay, takes so many at a time.
for (let from = 0; from < homes.length; from += 50)
  await Promise.all(homes.slice(from, from + 50).map(({ id, sink }) => sink.cursors.look(id)));
console.log("open");
for await (const _ of createInterface({ input: process.stdin })) {
  // One pack in memory for all: what is measured is the relay's.
  for (const { id, sink } of homes) {
    const author = { homeId: id, incarnation: "1".repeat(32) };
    for (let run = 1; run <= packs; run++)
      void sink.send([packFor({ author, run: 1_000_000 + run, records: [points] })]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log("sent");
}
process.exit(0);
