/**
 * Receipts: what an import has delivered, as a small file of JSON that goes back to the bundle's home.
 *
 * A receipt has a checksum and no signature (docs/decisions/0017-bundles.md says why): it is believed as far as
 * its home knows that it gave away what the receipt confirms.
 */
import { createHash } from "node:crypto";
import { StepwellError } from "../errors/stepwell-error.js";
import { readPlain } from "../home/plain-file.js";
import { type Owner, replaceFile } from "../home/replace-file.js";
import { userId } from "../home/user.js";
import type { LeftCursor } from "../model/cursor.js";
import { isId } from "../model/id.js";
import type { RecordThrough } from "../model/pack.js";
import { fileFault } from "./file-fault.js";

/** What a receipt's name has behind its bundle's. */
export const RECEIPT_ENDING = ".receipt";
/** More than the receipts of 100,000 runs take. */
const RECEIPT_BYTES_MAX = 64 * 1024 * 1024;

/** How far one run was delivered. */
export interface ReceiptRun {
  readonly runId: string;
  readonly through: RecordThrough;
  /** Where the backend's cursor is, which lags where entries were refused; null where it has none. */
  readonly cursor: LeftCursor | null;
  /** What the backend calls the run, where it gives ids of its own. */
  readonly there?: { readonly mlflowRunId: string; readonly experimentId: string; readonly url: string };
}

export interface Receipt {
  readonly homeId: string;
  /** The bundle's number. */
  readonly number: number;
  /** The tracker of the bundle's home. */
  readonly trackerId: string;
  /** The address of the tracker that it was delivered to, without credentials. */
  readonly deliveredTo: string;
  readonly runs: readonly ReceiptRun[];
}

const FORM = { format: "stepwell-receipt", version: 1 } as const;

export function encodeReceipt(receipt: Receipt): string {
  const body = JSON.stringify({ ...FORM, ...receipt });
  return `${JSON.stringify({ ...FORM, ...receipt, sha256: sumOf(body) })}\n`;
}

/**
 * Puts it beside its bundle, on disk when it resolves; answers its path. Where root imports for all, it is the bundle's
 * owner's, whose daemon has to read it. Throws STEPWELL_BUNDLE_FILE, STEPWELL_DISK_FULL.
 */
export async function writeReceipt(bundle: string, owner: Owner, receipt: Receipt): Promise<string> {
  const path = `${bundle}${RECEIPT_ENDING}`;
  const isOthers = userId() === 0 && owner.uid !== 0;
  await replaceFile(path, encodeReceipt(receipt), isOthers ? owner : undefined).catch((error: unknown) => {
    throw fileFault(path, error);
  });
  return path;
}

/** Throws STEPWELL_RECEIPT_REFUSED for a file that is none, or not as it was written. */
export async function readReceipt(path: string): Promise<Receipt> {
  const bytes = await readPlain(path, RECEIPT_BYTES_MAX).catch((error: unknown) => {
    throw fileFault(path, error);
  });
  return decodeReceipt(bytes.toString("utf8"));
}

/** Throws STEPWELL_RECEIPT_REFUSED. */
export function decodeReceipt(text: string): Receipt {
  const { sha256, ...body } = parsed(text);
  const { format, version, ...receipt } = body;
  if (format !== FORM.format) throw refused("The file is no receipt.");
  if (version !== FORM.version)
    throw refused(`The receipt is of version ${String(version)}, which this Stepwell does not know.`);
  if (sha256 !== sumOf(JSON.stringify(body))) throw refused("The receipt's checksum is wrong.");
  if (!isReceipt(receipt)) throw refused("The receipt does not say what one says.");
  return receipt;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // What is no JSON is no receipt.
  }
  throw refused("The file is no receipt.");
}

function isReceipt(value: unknown): value is Receipt {
  const { homeId, number, trackerId, deliveredTo, runs } = value as Partial<Receipt>;
  return (
    isId(homeId) &&
    isCount(number) &&
    typeof trackerId === "string" &&
    typeof deliveredTo === "string" &&
    Array.isArray(runs) &&
    runs.every(isReceiptRun)
  );
}

function isReceiptRun(value: unknown): boolean {
  const { runId, through, cursor, there } = (value ?? {}) as Partial<ReceiptRun>;
  const isThrough = [through?.seq, through?.points, through?.bytes].every(isCount);
  const isCursor =
    cursor === null ||
    (isId(cursor?.homeId) && typeof cursor.incarnation === "string" && isCount(cursor.seq));
  const isThere =
    there === undefined ||
    [there?.mlflowRunId, there?.experimentId, there?.url].every((text) => typeof text === "string");
  return isId(runId) && isThrough && isCursor && isThere;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Why a receipt counts for nothing. */
export function refused(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_RECEIPT_REFUSED", sentence);
}
