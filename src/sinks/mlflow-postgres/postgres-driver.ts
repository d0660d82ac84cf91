import { StepwellError } from "../../errors/stepwell-error.js";
import { failedCheck, faultCheck, type HomeCheck, okCheck } from "../../model/home-check.js";
import { TEST_ANSWER_MS_MAX } from "../../model/limits.js";
import { type PostgresAddress, readPostgresUri } from "../../model/postgres-address.js";
import type { PostgresBackend } from "../../model/target.js";
import type { Driver, DriverParts } from "../driver.js";
import type { Sink } from "../sink.js";
import { openPostgresSink } from "./postgres-sink.js";
import type { PostgresStore, PostgresStoreOptions } from "./postgres-store.js";
import { OWN_TABLES } from "./schema.js";

/** MLflow's PostgreSQL database, opened with the settings of the moment. Nobody but a daemon has its password. */
export function postgresDriver(backend: PostgresBackend): Driver {
  return {
    open: (parts) => openSink(backend, parts),
    check: (parts) => check(backend, parts),
    look: undefined,
    server: undefined,
  };
}

function openSink(backend: PostgresBackend, parts: DriverParts): Sink {
  const { clock, log } = parts;
  const ids = parts.runIds(backend);
  return openPostgresSink({
    clock,
    open: () => openStore(storeOptions(backend, parts)),
    memory: parts.memory(backend),
    ownId: (runId) => ids.ownId(runId),
    onExperiments: (experimentIds) => {
      const values = [...experimentIds].map(
        ([runId, experimentId]) =>
          [runId, { kind: "known", mlflowRunId: runId, experimentId, url: backend.uri }] as const,
      );
      // Without it the id is missing where it is shown, until the run is written by another daemon.
      return ids
        .keepAll(new Map(values))
        .catch((error: unknown) =>
          log("warn", "the experiments of runs could not be noted", { reason: String(error) }),
        );
    },
  });
}

async function openStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  // Loaded here: the package pg would take 15 MB in a daemon that has nothing to do with it.
  const { PostgresStore: Store } = await import("./postgres-store.js");
  return new Store(options);
}

function storeOptions(
  backend: PostgresBackend,
  { clock, settings, registered }: DriverParts,
): PostgresStoreOptions {
  const address = addressOf(backend);
  return {
    ...{ address, clock },
    addressNow: () => addressOf({ ...backend, settings: registered(backend) }),
    artifactRoot: () => registered(backend)["default_artifact_root"],
    credentials: async () => {
      const { tracking_username: user = address.user, tracking_password: password = "" } =
        await settings(backend);
      return { user, password };
    },
  };
}

/** The tracker's own settings name files that its address leaves out. Throws STEPWELL_TRACKER_UNKNOWN. */
function addressOf({ uri, settings }: PostgresBackend): PostgresAddress {
  const address = readPostgresUri(uri);
  if ("reason" in address) throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", address.reason);
  return {
    ...address,
    rootCertPath: address.rootCertPath || (settings["tracking_server_cert_path"] ?? ""),
    clientCertPath: address.clientCertPath || (settings["tracking_client_cert_path"] ?? ""),
  };
}

/** What stands between runs and the database, what matters first. It changes nothing and never rejects. */
async function check(backend: PostgresBackend, parts: DriverParts): Promise<HomeCheck[]> {
  const checks: HomeCheck[] = [];
  let looksAt = "credentials";
  let store: PostgresStore | undefined;
  try {
    const options = storeOptions(backend, parts);
    const { user, password } = await options.credentials();
    const how = password === "" ? "without a password" : "with a password";
    checks.push(okCheck("credentials", `They are at hand (${user}, ${how}).`));
    looksAt = "database";
    const answers = { answerMsMax: TEST_ANSWER_MS_MAX, connectMsMax: TEST_ANSWER_MS_MAX };
    store = await openStore({ ...options, ...answers });
    const { durability } = await store.facts();
    const where =
      durability === "replicated" ? "A standby confirms each commit." : "Commits are on its disk alone.";
    checks.push(okCheck("database", `${backend.uri} answers, and can be written to. ${where}`));
    looksAt = "tables";
    const { revision, hasOwnTables, mayMakeTables } = await store.inspect();
    checks.push(okCheck("tables", `MLflow's, at revision ${revision || "none"}.`));
    if (!hasOwnTables && !mayMakeTables) checks.push(tablesMissing());
    else if (!hasOwnTables)
      checks.push(okCheck("cursors", "The first delivery makes Stepwell's two tables."));
    else checks.push(okCheck("cursors", "Stepwell's two tables are there."));
  } catch (error) {
    checks.push(faultCheck(looksAt, "failed", error));
  } finally {
    await store?.close();
  }
  return checks;
}

function tablesMissing(): HomeCheck {
  const finding = "Stepwell's two tables are not there, and its user may make none.";
  const statements = OWN_TABLES.trim().replaceAll(/\s+/g, " ");
  return failedCheck("cursors", finding, `Have the database's owner run: ${statements}; and grant them.`);
}
