/**
 * Writes packs into an MLflow database: one transaction a request, a savepoint a pack, and
 * the run's cursor in the same transaction, so that a crash at any moment doubles nothing.
 */
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { isAsBelieved } from "../../model/cursor.js";
import type { Pack } from "../../model/pack.js";
import type { Outcome } from "../sink.js";
import { Connection } from "./connection.js";
import { cursorFor, writeCursor } from "./cursors.js";
import { faultOf, isOfThePack, outcomeOf } from "./faults.js";
import { makeFolder } from "./folder.js";
import { addMetrics } from "./metrics.js";
import { addModelMetrics } from "./model-metrics.js";
import { endRun, ensureRun, experimentIdOf, type RunPlace } from "./runs.js";
import { createCursorTable, createTables } from "./schema.js";
import { isEmpty, readShape, type Shape } from "./shape.js";
import { addParams, removeTags, setTags } from "./texts.js";

/** Which database. */
export interface WriterOptions {
  readonly databasePath: string;
  readonly artifactRoot: string;
}

/** What became of a request. */
export interface Written {
  readonly outcomes: Outcome[];
  /** The experiments' ids of runs that were not told of before, by run id. */
  readonly experimentIds: ReadonlyMap<string, string>;
  /** Whether somebody else had written to the database since the request before. */
  readonly sawForeignWrite: boolean;
}

/** Runs that the writer remembers to have told of; beyond it they are told again. */
const TOLD_MAX = 10_000;

interface Understood {
  readonly schemaVersion: number;
  readonly shape: Shape;
}

export class Writer {
  readonly #options: WriterOptions;
  #connection: Connection | undefined;
  #understood: Understood | undefined;
  #dataVersion = 0;
  /** Runs whose experiments were told. */
  readonly #told = new Set<string>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Writes all packs in one transaction. Throws nothing. nowMs is the wall clock's time. */
  write(packs: readonly Pack[], nowMs: number): Written {
    let sawForeignWrite = false;
    try {
      const connection = this.#open();
      connection.exec("BEGIN IMMEDIATE");
      const dataVersion = connection.number("PRAGMA data_version");
      sawForeignWrite = this.#dataVersion !== 0 && dataVersion !== this.#dataVersion;
      this.#dataVersion = dataVersion;
      const shape = this.#understand(connection, nowMs);
      const { artifactRoot } = this.#options;
      const place: RunPlace = { shape, artifactRoot, nowMs, experiments: new Map() };
      const made = new Map<string, number>();
      const outcomes = packs.map((pack) => this.#writePack(connection, pack, place, made));
      const experimentIds = this.#untold(connection, packs, made);
      connection.exec("COMMIT");
      return { outcomes, experimentIds, sawForeignWrite };
    } catch (error) {
      const outcome = outcomeOf(this.#abandon(error));
      return { outcomes: packs.map(() => outcome), experimentIds: new Map(), sawForeignWrite };
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** The open connection; a new one when the file was replaced under it. */
  #open(): Connection {
    if (this.#connection && !this.#connection.isCurrent()) this.close();
    if (!this.#connection) {
      this.#connection = Connection.open(this.#options.databasePath);
      this.#understood = undefined;
      this.#dataVersion = 0;
    }
    return this.#connection;
  }

  /** Makes what is missing and reads the shape, again whenever somebody changed the tables. */
  #understand(connection: Connection, nowMs: number): Shape {
    const { databasePath, artifactRoot } = this.#options;
    const schemaVersion = connection.number("PRAGMA schema_version");
    if (this.#understood?.schemaVersion === schemaVersion) return this.#understood.shape;
    connection.forgetStatements();
    if (isEmpty(connection)) {
      makeFolder(artifactRoot);
      createTables(connection, artifactRoot, nowMs);
    }
    const shape = readShape(connection, databasePath);
    createCursorTable(connection);
    this.#understood = { schemaVersion: connection.number("PRAGMA schema_version"), shape };
    return shape;
  }

  /** Adds to `made` the experiment of a run that it made. */
  #writePack(connection: Connection, pack: Pack, place: RunPlace, made: Map<string, number>): Outcome {
    const { homeId, cursor } = cursorFor(connection, pack);
    if (!isAsBelieved(cursor, pack.after)) return { kind: "elsewhere", homeId, cursor };
    // Prepared once, unlike what is executed: a thousand short runs are a thousand of them.
    connection.run("SAVEPOINT pack");
    try {
      const experimentId = ensureRun(connection, pack.runId, pack.start, cursor === undefined, place);
      const refused = addParams(connection, pack.runId, pack.params);
      addMetrics(connection, pack.runId, pack.metrics);
      refused.push(...addModelMetrics(connection, pack.runId, pack.metrics, place.shape));
      removeTags(connection, pack.runId, pack.removedTags);
      setTags(connection, pack.runId, pack.tags);
      if (pack.end) endRun(connection, pack.runId, pack.end);
      // What is refused is not in the database: until it is parked, the pack has to come again.
      const at = refused.length === 0 ? afterPack(pack) : (cursor ?? NOWHERE);
      writeCursor(connection, pack.author, pack.runId, at);
      connection.run("RELEASE pack");
      if (experimentId !== undefined) made.set(pack.runId, experimentId);
      return { kind: "delivered", refused };
    } catch (error) {
      if (!isOfThePack(error)) throw error;
      connection.exec("ROLLBACK TO pack; RELEASE pack");
      place.experiments.clear();
      const { code, message: reason } = toStepwellError(error);
      // It can be restored: nothing is given up for it.
      if (code === "STEPWELL_EXPERIMENT_DELETED") return { kind: "hold", scope: "run", code, reason };
      return { kind: "refused", code, reason };
    }
  }

  #untold(
    connection: Connection,
    packs: readonly Pack[],
    made: ReadonlyMap<string, number>,
  ): Map<string, string> {
    const found = new Map<string, string>();
    if (this.#told.size > TOLD_MAX) this.#told.clear();
    for (const { runId } of packs) {
      if (this.#told.has(runId)) continue;
      const id = made.get(runId) ?? experimentIdOf(connection, runId);
      if (id === undefined) continue;
      this.#told.add(runId);
      found.set(runId, String(id));
    }
    return found;
  }

  /** Undoes what was under way. A connection that can't even do that is given up. */
  #abandon(error: unknown): StepwellError {
    this.#understood = undefined;
    const fault = faultOf(error, this.#options.databasePath);
    try {
      this.#connection?.rollback();
    } catch {
      this.close();
    }
    return fault;
  }
}

/** The cursor of a run that is there and of which nothing counts as delivered. */
const NOWHERE = { seq: 0, points: 0, bytes: 0 };

function afterPack({ lastSeq, pointsThrough, bytesThrough }: Pack) {
  return { seq: lastSeq, points: pointsThrough, bytes: bytesThrough };
}
