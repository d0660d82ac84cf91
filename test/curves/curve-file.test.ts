import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { CurveFile, type SavedCurve, writeCurveFile } from "../../src/curves/curve-file.js";

const RUN_ID = "0123456789abcdef0123456789abcdef";
const SUMMARY = {
  ...{ points: 1, nan: 2, positive: 3, negative: 4, min: -5.5, max: 6.5, lastValue: 7.5 },
  ...{ firstStep: -8n, firstTimestampMs: 9n, latestTimestampMs: 10n, lastStep: 11n, lastTimestampMs: 12n },
};

test("what is told of each metric without its curve is the same once it was read from the file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "stepwell-curve-file-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, `${RUN_ID}.curves`);
  const through = { seq: 3, points: 5, missing: 1 };
  async function* saved(): AsyncGenerator<readonly [string, SavedCurve]> {
    yield ["loss", { bytes: Buffer.from("one"), summary: SUMMARY }];
    yield ["精度", { bytes: Buffer.from("other"), summary: { ...SUMMARY, max: Number.POSITIVE_INFINITY } }];
  }
  // Smaller than what is written: it is filled several times.
  const block = Buffer.alloc(64);
  await writeCurveFile({ path, runId: RUN_ID, through, block }, saved(), () => undefined);
  const file = await CurveFile.open(path, RUN_ID);
  t.deepEqual(file?.through, through);
  t.deepEqual(
    [...(file?.keys ?? [])].map(([key, { summary }]) => [key, summary]),
    [
      ["loss", SUMMARY],
      ["精度", { ...SUMMARY, max: Number.POSITIVE_INFINITY }],
    ],
  );
});
