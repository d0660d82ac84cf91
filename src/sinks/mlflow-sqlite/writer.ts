/**
 * Writes packs into an MLflow database: one transaction a request, a savepoint a pack, and
 * the run's cursor in the same transaction, so that a crash at any moment doubles nothing.
 */
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { type CursorAnswer, type CursorQuestion, isAsBelieved } from "../../model/cursor.js";
import type { Pack } from "../../model/pack.js";
import { type FileState, isNewStore, knownWrites, NO_MARK } from "../../model/store-mark.js";
import type { Outcome } from "../sink.js";
import { Connection } from "./connection.js";
import { cursorFor, writeCursor } from "./cursors.js";
import { faultOf, isOfThePack, outcomeOf } from "./faults.js";
import { makeFolder } from "./folder.js";
import { countWrite, createHomeTable, hasTable } from "./homes.js";
import { addMetrics } from "./metrics.js";
import { addModelMetrics } from "./model-metrics.js";
import { refuseOddFiles } from "./odd-files.js";
import { endRun, ensureRun, experimentIdOf, type RunPlace } from "./runs.js";
import { createCursorTable, createTables } from "./schema.js";
import { isEmpty, readShape, type Shape } from "./shape.js";
import { type Guarded, StoreGuard } from "./store-guard.js";
import { addParams, removeTags, setTags } from "./texts.js";

/** Which database. */
export interface WriterOptions {
  readonly databasePath: string;
  readonly artifactRoot: string;
  /** The daemon's home, which has to be there if the database is in it. */
  readonly home?: string | undefined;
}

/** What became of a request. */
export interface Written {
  readonly outcomes: Outcome[];
  /** The experiments' ids of runs that were not told of before, by run id. */
  readonly experimentIds: ReadonlyMap<string, string>;
  /** Whether somebody else had written to the database since the request before. */
  readonly sawForeignWrite: boolean;
  /** What the store has of the home now; undefined where nothing was written for what it threw. */
  readonly kept: Kept | undefined;
}

/** What a store has of a home. */
export interface Kept {
  readonly homeId: string;
  /** Transactions of the home; fewer than before: the store went back, and nothing was written. */
  readonly writes: number;
  readonly wentBack: boolean;
  readonly file: FileState | undefined;
}

const UNKNOWN: Guarded = { mark: NO_MARK, isUnclean: false };

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

  readonly #guard: StoreGuard;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#guard = new StoreGuard(options.databasePath);
  }

  /** Writes all packs in one transaction. Throws nothing. nowMs is the wall clock's time. */
  write(packs: readonly Pack[], nowMs: number, guarded = UNKNOWN): Written {
    let sawForeignWrite = false;
    try {
      const { homeId = "" } = packs[0]?.author ?? {};
      const connection = this.#begin(guarded, "BEGIN IMMEDIATE");
      const dataVersion = connection.number("PRAGMA data_version");
      sawForeignWrite = this.#dataVersion !== 0 && dataVersion !== this.#dataVersion;
      this.#dataVersion = dataVersion;
      const before = this.#guard.checkContent(connection, homeId, guarded);
      if (before < knownWrites(guarded.mark, homeId)) {
        connection.rollback();
        const kept = this.#kept(connection, guarded, { homeId, writes: before, wentBack: true });
        return { outcomes: packs.map(() => WENT_BACK), experimentIds: new Map(), sawForeignWrite, kept };
      }
      const shape = this.#understand(connection, nowMs);
      const { artifactRoot } = this.#options;
      const place: RunPlace = { shape, artifactRoot, nowMs, experiments: new Map() };
      const made = new Map<string, number>();
      const outcomes = packs.map((pack) => this.#writePack(connection, pack, place, made));
      const experimentIds = this.#untold(connection, packs, made);
      countWrite(connection, homeId, before + 1);
      connection.exec("COMMIT");
      const kept = this.#kept(connection, guarded, { homeId, writes: before + 1, wentBack: false });
      return { outcomes, experimentIds, sawForeignWrite, kept };
    } catch (error) {
      const outcome = outcomeOf(this.#abandon(error));
      const nothing = { experimentIds: new Map<string, string>(), kept: undefined };
      return { outcomes: packs.map(() => outcome), sawForeignWrite, ...nothing };
    }
  }

  /** Looks at the database without a change to it. Throws what would hold or stop a pack. */
  look(homeId: string, guarded: Guarded): Kept {
    return this.#read(guarded, (connection) => {
      const writes = this.#guard.checkContent(connection, homeId, guarded);
      const wentBack = writes < knownWrites(guarded.mark, homeId);
      return this.#kept(connection, guarded, { homeId, writes, wentBack });
    });
  }

  /** Where runs stand, each under its sender's id or the one that it was left under. */
  cursors(asked: readonly CursorQuestion[], guarded: Guarded): CursorAnswer[] {
    // One that is not made yet is not made for a question.
    if (isNewStore(guarded.mark) && !this.#guard.file()) return asked.map(noCursor);
    return this.#read(guarded, (connection) =>
      asked.map(hasTable(connection, "stepwell_cursors") ? (each) => cursorFor(connection, each) : noCursor),
    );
  }

  #read<Value>(guarded: Guarded, read: (connection: Connection) => Value): Value {
    try {
      const connection = this.#begin(guarded, "BEGIN");
      const value = read(connection);
      connection.exec("COMMIT");
      return value;
    } catch (error) {
      throw this.#abandon(error);
    }
  }

  /** The file as it was before, where another one has taken its place: that one has to be looked at. */
  #kept(connection: Connection, { mark }: Guarded, found: Omit<Kept, "file">): Kept {
    const file = this.#guard.file();
    return { ...found, file: connection.isCurrent() ? file : mark.file };
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#guard.letGo();
  }

  /** Begins a transaction in the file that is there. */
  #begin(guarded: Guarded, statement: "BEGIN" | "BEGIN IMMEDIATE"): Connection {
    for (;;) {
      const connection = this.#open(guarded);
      connection.exec(statement);
      // Whoever had the lock may have put another file in its place: what is written here would be nowhere.
      if (connection.isCurrent()) return connection;
      connection.rollback();
    }
  }

  /** The open connection; a new one when the file was replaced under it. */
  #open(guarded: Guarded): Connection {
    refuseOddFiles(this.#options.databasePath);
    this.#guard.checkThere(guarded);
    // SQLite trusts the pages that it has in memory while its own count of changes says the same.
    if (this.#connection && (!this.#connection.isCurrent() || this.#guard.isTampered(guarded))) this.close();
    if (!this.#connection) {
      this.#connection = Connection.open(this.#options.databasePath, this.#options.home);
      this.#understood = undefined;
      this.#dataVersion = 0;
    }
    return this.#connection;
  }

  /** Makes what is missing and reads the shape, again whenever somebody changed the tables. */
  #understand(connection: Connection, nowMs: number): Shape {
    const { databasePath, artifactRoot, home } = this.#options;
    const schemaVersion = connection.number("PRAGMA schema_version");
    if (this.#understood?.schemaVersion === schemaVersion) return this.#understood.shape;
    connection.forgetStatements();
    if (isEmpty(connection)) {
      makeFolder(artifactRoot, home);
      createTables(connection, artifactRoot, nowMs);
    }
    const shape = readShape(connection, databasePath);
    createCursorTable(connection);
    createHomeTable(connection);
    this.#understood = { schemaVersion: connection.number("PRAGMA schema_version"), shape };
    return shape;
  }

  /** Adds to `made` the experiment of a run that it made. */
  #writePack(connection: Connection, pack: Pack, place: RunPlace, made: Map<string, number>): Outcome {
    // They were taken while the tracker was a server.
    if (pack.calls.length > 0) return NO_CALLS;
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

/** What a pack is told that holds calls. */
const NO_CALLS: Outcome = {
  kind: "refused",
  code: "STEPWELL_ENTRY_REFUSED",
  reason: "A call of a server's API was journaled for this tracker, which is no server any more.",
};

/** What a pack is told while the store is behind what is remembered of it. */
const WENT_BACK: Outcome = {
  scope: "backend",
  kind: "retry",
  code: "STEPWELL_BACKEND_FORGOT",
  reason: "The store is an earlier state of itself; what its runs have is compared.",
};

/** The cursor of a run that is there and has nothing that counts as delivered. */
const NOWHERE = { seq: 0, points: 0, bytes: 0 };

function afterPack({ lastSeq, pointsThrough, bytesThrough }: Pack) {
  return { seq: lastSeq, points: pointsThrough, bytes: bytesThrough };
}

function noCursor({ author }: CursorQuestion): CursorAnswer {
  return { homeId: author.homeId, cursor: undefined };
}
