/**
 * Metric points: COPY in PostgreSQL's binary form straight into MLflow's table (measured: 32 us of the server's
 * processor a point with all its indexes, against 42 through a table in between and 46 with INSERT).
 *
 * COPY knows no ON CONFLICT. The cursor keeps this home from sending a point twice; one that is there all the same,
 * of a foreign writer or of another home, fails the COPY, and the same points go through a table in between.
 */
import type { MetricRows } from "../../model/pack.js";
import { finite, integerAt, isLater, keyOf, latestRows, valueAt } from "../latest-points.js";
import type { Connection } from "./connection.js";

/** The points of one pack. */
export interface RunPoints {
  readonly runId: string;
  readonly rows: MetricRows;
}

/** Rows of one piece that is written to the socket: a third of a millisecond of this thread. */
const CHUNK_ROWS = 1_000;

/** Adds the points, which must not be there. */
export async function copyPoints(connection: Connection, points: readonly RunPoints[]): Promise<void> {
  if (isEmpty(points)) return;
  await connection.copy(`COPY metrics (${COLUMNS}) FROM STDIN (FORMAT binary)`, chunksOf(points));
}

/** Adds the points that are not there; in one order, so that two who add the same do not wait for each other. */
export async function addMissingPoints(connection: Connection, points: readonly RunPoints[]): Promise<void> {
  if (isEmpty(points)) return;
  await connection.exec(
    `CREATE TEMPORARY TABLE stepwell_points (key text, value double precision, timestamp bigint, run_uuid text,
       step bigint, is_nan boolean) ON COMMIT DROP`,
  );
  await connection.copy(`COPY stepwell_points (${COLUMNS}) FROM STDIN (FORMAT binary)`, chunksOf(points));
  await connection.exec(
    `INSERT INTO metrics (${COLUMNS}) SELECT ${COLUMNS} FROM stepwell_points
     ORDER BY key, timestamp, step, run_uuid, value, is_nan ON CONFLICT DO NOTHING`,
  );
}

/** Brings the runs' latest metrics up to date. As MLflow: an equal point changes nothing. */
export async function setLatest(connection: Connection, points: readonly RunPoints[]): Promise<void> {
  const latest = latestOf(points);
  if (latest.length === 0) return;
  const at = latest.map(({ rows, row }) => valueAt(rows.values, row));
  await connection.rows(
    `INSERT INTO latest_metrics AS l (run_uuid, key, value, timestamp, step, is_nan)
     SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::bigint[], $5::bigint[], $6::boolean[])
     ORDER BY 1, 2
     ON CONFLICT (key, run_uuid) DO UPDATE
     SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
     WHERE (excluded.step, excluded.timestamp, excluded.value) > (l.step, l.timestamp, l.value)`,
    [
      latest.map(({ runId }) => runId),
      latest.map(({ rows, row }) => keyOf(rows, row)),
      at.map((value) => textOf(finite(value) || 0, value)),
      latest.map(({ rows, row }) => integerAt(rows.timestampsMs, row)),
      latest.map(({ rows, row }) => integerAt(rows.steps, row)),
      at.map((value) => Number.isNaN(value)),
    ],
  );
}

const COLUMNS = "key, value, timestamp, run_uuid, step, is_nan";

/** JavaScript writes a negative zero as "0". */
function textOf(kept: number, value: number): string {
  return Object.is(value, -0) ? "-0" : String(kept);
}

interface LatestPoint extends RunPoints {
  readonly row: number;
}

/** One for each run and key: a key stands more than once where models are measured, a run where homes share it. */
function latestOf(points: readonly RunPoints[]): LatestPoint[] {
  const latest = new Map<string, LatestPoint>();
  for (const { runId, rows } of points)
    for (const row of latestRows(rows).values()) {
      const name = `${runId}\n${keyOf(rows, row)}`;
      const before = latest.get(name);
      if (before === undefined || isLater(rows, row, before.rows, before.row))
        latest.set(name, { runId, rows, row });
    }
  return [...latest.values()];
}

function isEmpty(points: readonly RunPoints[]): boolean {
  return points.every(({ rows }) => rows.values.length === 0);
}

/** "PGCOPY", flags and the length of an extension: protocol of COPY, section "Binary Format". */
const HEAD = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const END = Buffer.from([0xff, 0xff]);
const FIELDS = 6;
/** All of a row but its two texts: the count of fields, six lengths, three numbers of 8 bytes and a truth value. */
const FIXED_BYTES = 2 + FIELDS * 4 + 3 * 8 + 1;

function* chunksOf(points: readonly RunPoints[]): Generator<Buffer> {
  yield HEAD;
  for (const { runId, rows } of points) {
    const run = Buffer.from(runId);
    const keys = rows.keys.map((key) => Buffer.from(key));
    const isDouble = doubledRows(rows);
    for (let from = 0; from < rows.values.length; from += CHUNK_ROWS)
      yield chunkOf(rows, { run, keys, isDouble, from });
  }
  yield END;
}

interface ChunkParts {
  readonly run: Buffer;
  readonly keys: readonly Buffer[];
  readonly isDouble: Uint8Array;
  readonly from: number;
}

function chunkOf(rows: MetricRows, { run, keys, isDouble, from }: ChunkParts): Buffer {
  const to = Math.min(rows.values.length, from + CHUNK_ROWS);
  let bytes = 0;
  for (let row = from; row < to; row++) bytes += FIXED_BYTES + run.length + keyAt(rows, keys, row).length;
  const chunk = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (let row = from; row < to; row++) {
    if (isDouble[row]) continue;
    const key = keyAt(rows, keys, row);
    const value = valueAt(rows.values, row);
    at = chunk.writeUInt16BE(FIELDS, at);
    at = chunk.writeUInt32BE(key.length, at);
    at += key.copy(chunk, at);
    at = chunk.writeUInt32BE(8, at);
    at = chunk.writeDoubleBE(Number.isNaN(value) ? 0 : finite(value), at);
    at = chunk.writeUInt32BE(8, at);
    at = chunk.writeBigInt64BE(integerAt(rows.timestampsMs, row), at);
    at = chunk.writeUInt32BE(run.length, at);
    at += run.copy(chunk, at);
    at = chunk.writeUInt32BE(8, at);
    at = chunk.writeBigInt64BE(integerAt(rows.steps, row), at);
    at = chunk.writeUInt32BE(1, at);
    at = chunk.writeUInt8(Number.isNaN(value) ? 1 : 0, at);
  }
  return chunk.subarray(0, at);
}

/**
 * Rows that are equal to the one before of their key: what a loop logs without a step in one millisecond. They are one
 * point for MLflow, and would fail the COPY.
 */
function doubledRows({ keyIndexes, steps, timestampsMs, values, keys }: MetricRows): Uint8Array {
  const isDouble = new Uint8Array(values.length);
  const last = new Int32Array(keys.length).fill(-1);
  for (let row = 0; row < values.length; row++) {
    const key = keyIndexes[row] ?? 0;
    const before = last[key] ?? -1;
    last[key] = row;
    if (before < 0 || steps[before] !== steps[row] || timestampsMs[before] !== timestampsMs[row]) continue;
    if (Object.is(values[before], values[row])) isDouble[row] = 1;
  }
  return isDouble;
}

function keyAt(rows: MetricRows, keys: readonly Buffer[], row: number): Buffer {
  const key = keys[rows.keyIndexes[row] ?? 0];
  if (key === undefined) throw new RangeError(`point ${row} of a pack names no key`);
  return key;
}
