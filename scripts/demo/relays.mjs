/**
 * What `npm run demo -- --relay` delivers to: PostgreSQL with MLflow's tables, two relays before it, and one address for
 * both. The relay that has the daemon's stream is killed in the middle of the training; the other one goes on.
 */
import { once } from "node:events";
import { DemoError, quote } from "./commands.mjs";
import { shownWhile } from "./outlook.mjs";

/** So many points are on the daemon's disk before a relay is killed: the training is under way. */
const pointsBeforeKill = 500;
const placeOf = ({ port }) => ({ host: "127.0.0.1", port });
const database = (port, name) => `postgresql://postgres@127.0.0.1:${port}/${name}`;

/** Starts all of it. Whoever gets it ends it with `close()`. */
export async function openRelays() {
  const { newDatabase, startMlflowPostgres } = await import("../../build/test/support/mlflow-postgres.js");
  const { startRelay } = await import("../../build/test/support/relay-process.js");
  const { Way } = await import("../../build/test/support/way.js");
  const ends = [];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const starting = startMlflowPostgres();
    const postgres = await shownWhile("starting PostgreSQL with MLflow's tables", starting);
    ends.push(() => postgres.remove());
    const name = await newDatabase(postgres);
    const uri = database(postgres.port, name);
    const teardown = (end) => void ends.push(end);
    const relays = [];
    for (let count = 0; count < 2; count++) {
      console.log(`$ npx stepwell relay serve --listen 127.0.0.1:0 --database ${quote(uri)} &`);
      const relay = await startRelay({ teardown }, [`--database=${uri}`]);
      console.log(`  listening on ${relay.address}`);
      relays.push(relay);
    }
    const way = await Way.start(relays.map(placeOf));
    ends.push(() => way.close());
    return new Relays({ postgres, name, uri, relays, way, close });
  } catch (error) {
    await close();
    throw error;
  }
}

class Relays {
  #parts;
  #killed;

  constructor(parts) {
    this.#parts = parts;
  }

  /** What the tracker is registered with: one address, which brings each connection to one of the relays. */
  get trackerArgs() {
    return [`--tracking_uri=grpc://127.0.0.1:${this.#parts.way.port}`];
  }

  /** Where the run is, as MLflow takes it. */
  get uri() {
    return this.#parts.uri;
  }

  /** Kills the relay that has the daemon's stream, once that is under way; says so in the progress. */
  onCounts({ journaled, delivered }, progress) {
    if (this.#killed || journaled < pointsBeforeKill) return;
    const { relays, way } = this.#parts;
    const relay = relays.find((each) => way.count(placeOf(each)) > 0);
    if (!relay) return;
    this.#killed = { pid: relay.child.pid, points: delivered, isGone: once(relay.child, "exit") };
    relay.child.kill("SIGKILL");
    progress.note(`$ kill -9 ${relay.child.pid}   # the relay at ${relay.address}, with the daemon's stream`);
  }

  /** What MLflow's tables hold of a run; as mlflow-database.mjs reads it from SQLite. */
  async readRun(runId, metrics) {
    await this.#checkKilled();
    const { postgres, name } = this.#parts;
    const rows = async (sql, ...values) => await postgres.query(name, sql, [runId, ...values]);
    const [[status] = []] = await rows("SELECT status FROM runs WHERE run_uuid = $1");
    const [[points]] = await rows("SELECT count(*)::int FROM metrics WHERE run_uuid = $1");
    const curves = new Map();
    const select =
      "SELECT step::float8, value FROM metrics WHERE run_uuid = $1 AND key = $2 AND NOT is_nan AND abs(value) < 1.7e308 ORDER BY step, timestamp";
    for (const metric of metrics)
      curves.set(
        metric,
        (await rows(select, metric)).map(([step, value]) => ({ step, value })),
      );
    return { status, points, curves };
  }

  async close() {
    await this.#parts.close();
  }

  async #checkKilled() {
    if (!this.#killed) throw new DemoError("No relay was killed: none had the daemon's stream.");
    await this.#killed.isGone;
    const { pid, points } = this.#killed;
    console.log(
      `\nThe relay with the process id ${pid} was killed when ${points.toLocaleString("en")} points were delivered; the other one took the rest.`,
    );
  }
}
