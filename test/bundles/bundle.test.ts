import { chownSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { ExecutionContext } from "ava";
import test from "ava";
import { BundleFile } from "../../src/bundles/bundle-reader.js";
import { BundleWriter } from "../../src/bundles/bundle-writer.js";
import type { Frame } from "../../src/bundles/frames.js";
import { decodeReceipt, encodeReceipt, readReceipt, writeReceipt } from "../../src/bundles/receipt.js";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import type { BundleHead } from "../../src/gen/stepwell/v1/bundles.js";
import { scratchFolder } from "../support/folder.js";

const HOME_ID = "b".repeat(32);
const HEAD: BundleHead = {
  ...{ homeId: HOME_ID, number: 3n, trackerId: "c".repeat(32), tracker: "far", daemonVersion: "0.1.0" },
  ...{ createdMs: 5n, incarnations: ["one"], lanes: [] },
};
const RUN = {
  ...{ runId: "d".repeat(32), runStart: undefined, goesOn: false, runEnd: undefined, after: undefined },
  ...{ afterSequence: 0n, afterPoints: 0n, afterBytes: 0n, afterBundle: 0n, run: undefined },
};

/** Bytes that hardly shrink, the same each time. */
function noise(length: number, seed: number): Buffer {
  let state = seed;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

const record = (sequence: number, payload: Buffer) => ({
  sequence: BigInt(sequence),
  pointsThrough: BigInt(sequence),
  bytesThrough: BigInt(sequence),
  payload,
  parents: [],
});

async function written(t: ExecutionContext, payloads: readonly Buffer[]): Promise<string> {
  const path = `${await scratchFolder(t)}/bundle`;
  const writer = await BundleWriter.create(path, HEAD);
  await writer.run(RUN);
  for (const [index, payload] of payloads.entries()) await writer.record(record(index + 1, payload));
  await writer.finish();
  await writer.publish();
  await writer.discard();
  return path;
}

async function framesOf(path: string): Promise<Frame[]> {
  const file = await BundleFile.open(path);
  try {
    const frames: Frame[] = [];
    for await (const frame of file.frames()) frames.push(frame);
    return frames;
  } finally {
    await file.close();
  }
}

/** What reading comes to: all of the payloads, or a code. */
async function outcomeOf(path: string): Promise<string> {
  try {
    const frames = await framesOf(path);
    return frames
      .map((each) => (each.$case === "record" ? each.value.payload.toString("hex") : ""))
      .join(" ");
  } catch (error) {
    return error instanceof StepwellError ? error.code : String(error);
  }
}

test("what was written is read, byte by byte, as often as it is read from one open file", async (t) => {
  const payloads = [Buffer.alloc(0), noise(1, 1), noise(300_000, 2), noise(4_000_000, 3), noise(17, 4)];
  const path = await written(t, payloads);
  const file = await BundleFile.open(path);
  t.teardown(() => file.close());
  for (let round = 0; round < 2; round++) {
    const found: Buffer[] = [];
    for await (const frame of file.frames()) if (frame.$case === "record") found.push(frame.value.payload);
    t.is(found.length, payloads.length);
    t.true(found.every((payload, index) => payload.equals(payloads[index] as Buffer)));
  }
});

test("a file whose every single bit may be flipped is read as it was written, or has one code", async (t) => {
  const path = await written(t, [noise(120, 5), noise(60, 6)]);
  const whole = readFileSync(path);
  const right = await outcomeOf(path);
  const seen = new Set<string>();
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    writeFileSync(path, bytes);
    const outcome = await outcomeOf(path);
    seen.add(outcome === right ? "right" : outcome);
  }
  t.true(seen.has("STEPWELL_BUNDLE_DAMAGED"));
  for (const outcome of seen)
    t.true(["right", "STEPWELL_BUNDLE_DAMAGED", "STEPWELL_BUNDLE_NEWER"].includes(outcome), outcome);
});

test("a file that is cut anywhere is never whole", async (t) => {
  const path = await written(t, [noise(120, 7), noise(60, 8)]);
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    t.is(await outcomeOf(path), "STEPWELL_BUNDLE_DAMAGED", `${length} bytes`);
  }
});

test("until a bundle is finished nothing has its name, and one that is given up leaves nothing", async (t) => {
  const folder = await scratchFolder(t);
  const writer = await BundleWriter.create(`${folder}/bundle`, HEAD);
  await writer.run(RUN);
  await writer.record(record(1, noise(10, 9)));
  t.deepEqual(
    readdirSync(folder).map((name) => name.endsWith(".part")),
    [true],
  );
  await writer.discard();
  t.deepEqual(readdirSync(folder), []);
});

test("a receipt comes back as it was, and no other text is one", (t) => {
  const through = { seq: 9, points: 8, bytes: 7 };
  const cursor = { homeId: HOME_ID, incarnation: "one", seq: 9 };
  const runs = [
    { runId: "d".repeat(32), through, cursor },
    { runId: "e".repeat(32), through, cursor: null },
  ];
  const receipt = { homeId: HOME_ID, number: 3, trackerId: "far", deliveredTo: "sqlite:////x", runs };
  const text = encodeReceipt(receipt);
  t.deepEqual(decodeReceipt(text), receipt);
  const refusedAs = (other: string) =>
    t.throws(() => decodeReceipt(other), { instanceOf: StepwellError, code: "STEPWELL_RECEIPT_REFUSED" });
  for (let length = 0; length < text.length - 2; length++) refusedAs(text.slice(0, length));
  for (const digit of ["9", "8", "3"]) refusedAs(text.replace(`:${digit},`, ":6,"));
  for (const other of ["[]", "null", "1", '{"format":"stepwell-receipt","version":2}']) refusedAs(other);
  for (const there of [null, {}, { mlflowRunId: 1, experimentId: "2", url: "" }, "there"])
    refusedAs(encodeReceipt({ ...receipt, runs: [{ ...runs[0], there }] } as never));
});

test("a receipt is the bundle's owner's, also where root imports for others", async (t) => {
  const path = await written(t, [noise(10, 10)]);
  const file = await BundleFile.open(path);
  t.teardown(() => file.close());
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(path, 65_534, 65_534);
  const receipt = { homeId: HOME_ID, number: 3, trackerId: "far", deliveredTo: "", runs: [] };
  const there = await writeReceipt(path, await file.owner(), receipt);
  t.deepEqual(await readReceipt(there), receipt);
  const { uid, gid, mode } = statSync(there);
  const wanted = isRoot ? [65_534, 65_534] : [process.getuid?.(), process.getgid?.()];
  t.deepEqual([uid, gid, mode & 0o777], [...wanted, 0o600]);
});
