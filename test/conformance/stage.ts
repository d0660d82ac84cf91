/** Where a scenario plays: at a real daemon, with all languages at once, or at a scripted server for each language. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import {
  pointsOf,
  type RecordingOptions,
  RecordingServer,
  type WireBatch,
} from "../../clients/typescript/test/support/recording-server.js";
import { holdLock } from "../sinks/mlflow-sqlite/database.js";
import { type DaemonProcess, daemonOfVersion, ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { until } from "../support/until.js";
import type { ServerScript } from "./scenario.js";
import { databaseOf, type Kept, storeOf } from "./store.js";

export type Teardown = Pick<ExecutionContext, "teardown">;

/** A home with a daemon. */
export class DaemonStage {
  readonly home: ScratchHome;
  #daemon: DaemonProcess | undefined;
  #freeStore: (() => void) | undefined;

  private constructor(home: ScratchHome) {
    this.home = home;
  }

  static async open(t: Teardown): Promise<DaemonStage> {
    return new DaemonStage(await scratchHome(t));
  }

  get env(): Readonly<Record<string, string>> {
    return {
      ...this.home.env,
      STEPWELL_AUTOSTART: "0",
      STEPWELL_COMMAND: `${process.execPath} ${join(ROOT, "build/stepwell.js")}`,
    };
  }

  get kept(): Kept {
    return storeOf(this.home);
  }

  /** A tracker on the local store, as the active stack's. */
  async useTracker(): Promise<void> {
    await this.command(["experiment-tracker", "register", "t", "--flavor=mlflow"]);
    await this.command(["stack", "register", "s", "-e", "t", "--set"]);
  }

  /** A signal, `start`, `start VERSION` for a daemon that says it is of that version, or `gone` until it has ended. */
  async daemon(does: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const [word = "", version] = does.split(" ");
    if (word === "start") {
      const entry = version === undefined ? {} : { entry: await daemonOfVersion(version) };
      this.#daemon = await this.home.startDaemon({ env, ...entry });
    } else if (word === "SIGKILL" || word === "SIGTERM") await this.#daemon?.end(word);
    else this.#daemon?.child.kill(word as NodeJS.Signals);
  }

  /** Locks the tracker's database, as another program's long transaction does, or frees it. */
  holdStore(isHeld: boolean): void {
    this.#freeStore?.();
    this.#freeStore = isHeld ? holdLock(databaseOf(this.home)) : undefined;
  }

  async command(words: readonly string[]): Promise<void> {
    // Else a command replaces a daemon that is older than itself.
    const { code, stderr } = await this.home.here(words, { STEPWELL_AUTOSTART: "0" });
    if (code !== 0) throw new Error(`stepwell ${words.join(" ")} ended with ${code}: ${stderr}`);
  }

  async delivered(): Promise<void> {
    await this.command(["flush", "--timeout=200"]);
  }

  /** Waits until each of the fields of its status begins so. */
  async status(fields: Readonly<Record<string, string>>): Promise<void> {
    await until(
      JSON.stringify(fields),
      async () => (await this.home.json(["status"])) as Record<string, unknown>,
      (status) => Object.entries(fields).every(([name, value]) => String(status[name]).startsWith(value)),
    );
  }

  /** Another home, behind the same path. */
  async replaceHome(): Promise<void> {
    await this.daemon("SIGKILL");
    const { home } = this.home.paths;
    for (const name of await readdir(home)) await rm(join(home, name), { recursive: true });
    await this.daemon("start");
  }
}

/** A scripted server. */
export class ServerStage {
  readonly server: RecordingServer;
  #before = { duplicates: 0, hellos: 0, closes: 0, batches: 0 };

  private constructor(server: RecordingServer) {
    this.server = server;
  }

  static async open(t: Teardown, script: ServerScript): Promise<ServerStage> {
    const lost = new Set(script.loses?.map(String));
    const { windowBytes, messageBytesMax, ackDelayMs, refuses, forgetsUnacknowledged } = script;
    const options: RecordingOptions = {
      ...(windowBytes === undefined ? {} : { windowBytes }),
      ...(messageBytesMax === undefined ? {} : { messageBytesMax }),
      ...(ackDelayMs === undefined ? {} : { ackDelayMs }),
      ...(forgetsUnacknowledged === undefined ? {} : { forgetsUnacknowledged }),
      lose: ({ sequence }) => lost.delete(sequence),
      reject: (batch) => refusalsOf(batch, refuses),
      ...(script.isNewer ? newerProtocol(t) : {}),
    };
    const server = await RecordingServer.start(options);
    t.teardown(() => server.stop());
    return new ServerStage(server);
  }

  get env(): Readonly<Record<string, string>> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("STEPWELL_"));
    return {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      ...{ STEPWELL_QUIET: "1", STEPWELL_HOME: "/nonexistent/stepwell" },
      STEPWELL_ENDPOINT: this.server.endpoint,
    };
  }

  get kept(): Kept {
    const of = (runId: string) => this.server.batches.filter(({ run_id }) => run_id === runId);
    return {
      points: (runId, key) =>
        pointsOf(of(runId), key).map(({ timestampMs, ...point }) => ({ ...point, timestamp: timestampMs })),
      texts: (kind, runId) =>
        new Map(of(runId).flatMap((batch) => batch[kind].map(({ key, value }) => [key, value] as const))),
      status: (runId) =>
        of(runId)
          .findLast(({ run_end }) => run_end)
          ?.run_end?.status.replace("RUN_STATUS_", ""),
    };
  }

  async does(what: string, code = "", grpc = 14): Promise<void> {
    if (what === "holds") this.server.holdAcks(true);
    else if (what === "acknowledges") this.server.holdAcks(false);
    else if (what === "ends streams") this.server.endStreams(code, grpc);
    else if (what === "is killed") this.server.kill();
    else if (what === "is there again") await this.server.listen();
    else if (what === "is another home") this.server.forget();
    else throw new Error(`a server can't: ${what}`);
  }

  /** A scenario begins: what it sees is counted from here. A violation stays one. */
  seeAnew(): void {
    this.#before = this.#counts;
  }

  /** What it saw since the scenario began, for a look. */
  get seen(): Readonly<Record<string, unknown>> {
    const { duplicates, hellos, closes, batches } = this.#counts;
    return {
      violations: this.server.violations,
      duplicates: duplicates - this.#before.duplicates,
      hellos: hellos - this.#before.hellos,
      closes: closes - this.#before.closes,
      batches: batches - this.#before.batches,
    };
  }

  get #counts() {
    const { duplicates, hellos, closes, batches } = this.server;
    return { duplicates, hellos: hellos.length, closes, batches: batches.length };
  }
}

function refusalsOf(batch: WireBatch, key: string | undefined): Record<string, unknown>[] {
  return batch.metrics.flatMap((column, index) =>
    column.key === key
      ? [
          {
            kind: 1,
            index,
            entries: column.values.length,
            code: "STEPWELL_KEY_INVALID",
            message: "It is refused.",
            remedy: "Do something.",
          },
        ]
      : [],
  );
}

/** The protocol of a version to come: messages have a field more, and the daemon says one thing more. */
function newerProtocol(t: Teardown): Pick<RecordingOptions, "protocol" | "more"> {
  const folder = mkdtempSync(join(tmpdir(), "stepwell-protocol-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(ROOT, "proto"), folder, { recursive: true });
  const file = join(folder, "stepwell/v1/ingest.proto");
  let text = readFileSync(file, "utf8");
  for (const message of ["Welcome", "Ack", "Rejection", "Hello", "Batch"])
    text = text.replace(
      `message ${message} {`,
      `message ${message} {\n  string later = 60;\n  repeated sfixed64 laters = 61;`,
    );
  text = text.replace("    Rewind rewind = 4;", "    Rewind rewind = 4;\n    Later later = 60;");
  writeFileSync(file, `${text}\nmessage Later {\n  string text = 1;\n}\n`);
  const more = { later: "as a newer version says it", laters: ["1", "2"] };
  return { protocol: folder, more: { welcome: more, ack: more, rejection: more } };
}
