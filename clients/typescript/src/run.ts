import { randomBytes } from "node:crypto";
import { userInfo } from "node:os";
import {
  checkExperimentName,
  checkKey,
  checkModelId,
  checkRunId,
  checkText,
  type TextValue,
  textOf,
} from "./checks.js";
import { type Column, checkValue, type Int64s, type Numbers, POINT_BYTES } from "./column.js";
import { TAG_VALUE_CODE_POINTS_MAX } from "./contract.js";
import { StepwellClientError } from "./errors.js";
import { checkStep, checkTimestamp, type Int64 } from "./int64.js";
import { COLUMN_BYTES } from "./limits.js";
import { tellBegin } from "./notices.js";
import type { Pipeline } from "./pipeline.js";
import { RunBuffer } from "./run-buffer.js";
import { END_STATUS, type EndStatus, runEndField, runStartField, textField } from "./wire.js";

/** What a run starts with. */
export interface RunOptions {
  /** Default: the daemon makes one. */
  readonly runName?: string;
  /** Default: MLflow's "Default". */
  readonly experimentName?: string;
  /** The name of an experiment tracker. Default: the active stack's. */
  readonly experimentTracker?: string;
  /** 32 lower-case hexadecimal digits, to go on with a run that exists. Default: a new one. */
  readonly runId?: string;
  /**
   * Has the daemon log what the machine does and what this process and its children take, every 10 s; a number is the
   * seconds between two points, from 1 to 3,600. Default: what MLflow's variables say, or else the tracker.
   */
  readonly systemMetrics?: boolean | number;
}

/** Where, when and of what a point was measured. */
export interface PointOptions {
  /** A 64-bit whole number. Default: 0. */
  readonly step?: Int64;
  /** Milliseconds since 1970. Default: the time of the call. */
  readonly timestampMs?: Int64;
  /** MLflow's id of the logged model that the point measures. Default: none. */
  readonly modelId?: string;
}

/**
 * One run. Every call returns at once: the entry is on its way, and on disk when the
 * client's flush() resolves. What MLflow would not take throws a StepwellClientError
 * with a stable code, and nothing of that call is logged.
 */
export class Run {
  readonly runId: string;
  readonly #pipeline: Pipeline;
  readonly #buffer: RunBuffer;
  readonly #params = new Map<string, string>();
  readonly #onEnd: (run: Run) => void;
  readonly #isAttached: boolean;
  /** Its name as people were told of it; undefined where they were told nothing. */
  readonly #toldName: string | undefined;
  #isEnded = false;

  /**
   * Made by startRun(). With `attachedTo` it logs to a run that somebody else began and ends.
   * Throws STEPWELL_RUN_ID_INVALID, STEPWELL_EXPERIMENT_INVALID and text errors.
   */
  constructor(pipeline: Pipeline, options: RunOptions, onEnd: (run: Run) => void, attachedTo?: string) {
    const given = attachedTo ?? options.runId;
    if (given !== undefined) checkRunId(given);
    this.runId = given ?? randomBytes(16).toString("hex");
    this.#pipeline = pipeline;
    this.#onEnd = onEnd;
    this.#isAttached = attachedTo !== undefined;
    const startField = this.#isAttached ? undefined : startFieldOf(options);
    this.#buffer = new RunBuffer(this.runId, startField, pipeline.nextOpening());
    if (!this.#isAttached) {
      const begins = given === undefined ? "begins" : "goes on";
      this.#toldName = tellBegin(this.runId, options.runName, begins);
    }
    pipeline.addRun(this.#buffer);
    pipeline.added(startField?.length ?? 0, 0);
  }

  /** Whether end() was called. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Logs one point. */
  logMetric(key: string, value: number, options?: PointOptions): void {
    this.#assertOpen();
    if (typeof value !== "number") checkValue(value);
    const nowMs = Date.now();
    const [step, timestampMs] = [options?.step ?? 0, options?.timestampMs ?? nowMs];
    const modelId = options?.modelId;
    const column = this.#buffer.column(key, modelId) ?? this.#addColumn(key, modelId);
    if (column === undefined || !this.#pipeline.admit(POINT_BYTES, 1)) {
      checkStep(step);
      checkTimestamp(timestampMs);
      return;
    }
    column.push(step, timestampMs, value);
    this.#pipeline.added(POINT_BYTES, 1);
  }

  /** Logs a point of several metrics at the same step and time: all, or none when one is invalid. */
  logMetrics(values: Readonly<Record<string, number>>, options?: PointOptions): void {
    this.#assertOpen();
    const step = options?.step ?? 0;
    const timestampMs = options?.timestampMs ?? Date.now();
    checkStep(step);
    checkTimestamp(timestampMs);
    const modelId = options?.modelId;
    if (modelId !== undefined) checkModelId(modelId);
    for (const [key, value] of Object.entries(values)) {
      checkValue(value);
      if (!this.#buffer.column(key, modelId)) checkKey(key);
    }
    const point = { step, timestampMs, ...(modelId === undefined ? {} : { modelId }) };
    for (const [key, value] of Object.entries(values)) this.logMetric(key, value, point);
  }

  /**
   * Logs many points of one metric: all, or none when one is invalid. Float64Array and
   * BigInt64Array are copied as memory, the fastest way to log. Without timestamps the
   * points have the time of the call. `modelId` is MLflow's id of the logged model that they measure.
   */
  logSeries(key: string, steps: Int64s, values: Numbers, timestampsMs?: Int64s, modelId?: string): void {
    this.#assertOpen();
    const points = values.length;
    if (steps.length !== points || (timestampsMs !== undefined && timestampsMs.length !== points)) {
      const sentence = `${steps.length} steps, ${timestampsMs?.length ?? "no"} timestamps, ${points} values.`;
      throw new StepwellClientError("STEPWELL_COLUMN_UNEVEN", sentence);
    }
    const nowMs = Date.now();
    const column = this.#buffer.column(key, modelId) ?? this.#addColumn(key, modelId, points);
    if (column === undefined || !this.#pipeline.admit(points * POINT_BYTES, points)) return;
    column.pushSeries(steps, timestampsMs ?? nowMs, values);
    this.#pipeline.added(points * POINT_BYTES, points);
  }

  /** Logs a param. Throws STEPWELL_PARAM_CHANGED when this object has logged another value. */
  logParam(key: string, value: TextValue): void {
    this.#assertOpen();
    const text = this.#checkParam(key, value);
    if (this.#params.get(key) === text) return;
    if (this.#addText("param", key, text)) this.#params.set(key, text);
  }

  /** Logs params: all, or none when one is invalid. */
  logParams(params: Readonly<Record<string, TextValue>>): void {
    this.#assertOpen();
    for (const [key, value] of Object.entries(params)) this.#checkParam(key, value);
    for (const [key, value] of Object.entries(params)) this.logParam(key, value);
  }

  /** Sets a tag; a later value replaces an earlier one. */
  setTag(key: string, value: TextValue): void {
    this.#assertOpen();
    checkKey(key);
    this.#addText("tag", key, textOf("tag", key, value));
  }

  /** Sets tags: all, or none when one is invalid. */
  setTags(tags: Readonly<Record<string, TextValue>>): void {
    this.#assertOpen();
    for (const [key, value] of Object.entries(tags)) {
      checkKey(key);
      textOf("tag", key, value);
    }
    for (const [key, value] of Object.entries(tags)) this.setTag(key, value);
  }

  /** Ends the run. A second call does nothing. Throws STEPWELL_STATUS_INVALID. */
  end(status: EndStatus = "FINISHED"): void {
    if (!Object.hasOwn(END_STATUS, status)) {
      throw new StepwellClientError(
        "STEPWELL_STATUS_INVALID",
        `A run can't end as ${JSON.stringify(status)}.`,
      );
    }
    if (this.#isEnded) return;
    this.#isEnded = true;
    const nowMs = Date.now();
    const field = this.#isAttached ? undefined : runEndField(status, nowMs);
    this.#buffer.setEnd(field);
    this.#pipeline.added(field?.length ?? 0, 0);
    if (this.#toldName !== undefined)
      this.#pipeline.tell({ runId: this.runId, name: this.#toldName, status });
    this.#onEnd(this);
  }

  #assertOpen(): void {
    if (this.#isEnded)
      throw new StepwellClientError("STEPWELL_RUN_ENDED", `The run ${this.runId} has ended.`);
  }

  /** A new name's column. Undefined when the buffer is full: the points are counted as dropped. */
  #addColumn(key: string, modelId: string | undefined, points = 1): Column | undefined {
    checkKey(key);
    if (modelId !== undefined) checkModelId(modelId);
    if (!this.#pipeline.admit(COLUMN_BYTES, points)) return undefined;
    const column = this.#buffer.addColumn(key, modelId);
    this.#pipeline.added(COLUMN_BYTES, 0);
    return column;
  }

  #checkParam(key: string, value: TextValue): string {
    checkKey(key);
    const text = textOf("param", key, value);
    const known = this.#params.get(key);
    if (known === undefined || known === text) return text;
    const sentence = `The param ${JSON.stringify(key)} has another value already.`;
    throw new StepwellClientError("STEPWELL_PARAM_CHANGED", sentence);
  }

  #addText(kind: "param" | "tag", key: string, text: string): boolean {
    const field = textField(kind, key, text);
    if (!this.#pipeline.admit(field.length, 1)) return false;
    this.#buffer.addText(kind, field);
    this.#pipeline.added(field.length, 1);
    return true;
  }
}

function startFieldOf(options: RunOptions): Uint8Array {
  if (options.experimentName !== undefined) checkExperimentName(options.experimentName);
  if (options.runName !== undefined) checkText("The run's name", options.runName, TAG_VALUE_CODE_POINTS_MAX);
  const tracker = options.experimentTracker;
  if (tracker !== undefined) checkText("The experiment tracker's name", tracker, TAG_VALUE_CODE_POINTS_MAX);
  const start = runStartField({
    experimentName: options.experimentName ?? "",
    runName: options.runName ?? "",
    trackers: tracker === undefined ? [] : [tracker],
    startTimeMs: Date.now(),
    user: userName().toWellFormed(),
    sourceName: (process.argv[1] ?? "").toWellFormed(),
  });
  // A batch takes the last of several ends: a later one in the same batch still counts.
  return options.runId === undefined ? start : Buffer.concat([start, runEndField("RUNNING", 0)]);
}

/** The user, or nothing where the system has no name for the user id, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
