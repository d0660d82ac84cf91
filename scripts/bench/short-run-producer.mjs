/**
 * One process that logs short runs: a start, a param, a point and an end each, in so many batches a run.
 * It says "ready" once it is welcome, begins at a line on its standard input, and prints how long it
 * took until the last acknowledgement.
 *
 *   node short-run-producer.mjs ENDPOINT RUNS BATCHES
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { credentials, makeClientConstructor } from "@grpc/grpc-js";

const { IngestRequest, IngestServiceService } = await import("../../build/src/gen/stepwell/v1/ingest.js");
const { NO_ENTRIES } = await import("../../build/src/model/no-entries.js");
const { RunStatus } = await import("../../build/src/gen/stepwell/v1/types.js");
const [endpoint, runs, batchesOfRun] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const Client = makeClientConstructor({
  ingest: { ...IngestServiceService.ingest, requestSerialize: (bytes) => bytes },
});
/** Batches that wait for their acknowledgement, as far as a client's window of bytes lets it go. */
const UNDER_WAY_MAX = 4_000;

const client = new Client(endpoint, credentials.createInsecure(), { "grpc.default_authority": "localhost" });
const stream = client.ingest();
let acknowledged = 0;
let wake = () => undefined;
const encoded = (message) => Buffer.from(IngestRequest.encode({ message }).finish());

function partsOf(runId) {
  const nowMs = BigInt(Date.now());
  const runStart = { experimentName: "sweep", runName: "", trackers: [], startTimeMs: nowMs };
  const texts = { user: "bench", sourceName: "sweep.py", parentRunId: "" };
  return [
    { runStart: { ...runStart, ...texts } },
    { params: [{ key: "learning_rate", value: runId.slice(0, 8) }] },
    { metrics: [{ key: "loss", steps: [0n], timestampsMs: [nowMs], values: [0.5], modelId: "" }] },
    { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: nowMs } },
  ];
}

function batchesFor(runId, count) {
  const parts = partsOf(runId);
  const size = parts.length / count;
  return Array.from({ length: count }, (_, at) =>
    Object.assign({}, ...parts.slice(at * size, (at + 1) * size)),
  );
}

stream.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
const welcomed = new Promise((resolve) => {
  stream.on("data", ({ message }) => {
    if (message.$case === "welcome") resolve();
    if (message.$case === "rejection") throw new Error(`rejected: ${message.value.code}`);
    if (message.$case === "ack") acknowledged = Number(message.value.sequence);
    wake();
  });
});
// The daemon may not look at it: only its stream tells whether it lives.
const identity = { bootId: "bench", pidNamespace: 0n, pid: process.pid, startTicks: 0n };
const hello = {
  ...{ protocolVersion: 1, clientName: "bench", clientVersion: "0", epoch: 1n },
  ...{ producerId: randomBytes(16), firstUnacknowledgedSequence: 1n, process: identity },
};
stream.write(encoded({ $case: "hello", value: hello }));
await welcomed;
console.log("ready");
await once(process.stdin, "data");

const begin = performance.now();
let sequence = 0;
for (let run = 0; run < runs; run++) {
  const runId = randomBytes(16).toString("hex");
  for (const entries of batchesFor(runId, batchesOfRun)) {
    const value = { ...NO_ENTRIES, ...entries, sequence: BigInt(++sequence), runId };
    stream.write(encoded({ $case: "batch", value }));
  }
  while (sequence - acknowledged > UNDER_WAY_MAX) await new Promise((resolve) => (wake = resolve));
}
while (acknowledged < sequence) await new Promise((resolve) => (wake = resolve));
console.log((performance.now() - begin) / 1000);
stream.write(encoded({ $case: "close", value: {} }));
stream.end();
process.exit(0);
