import { type Command, Option } from "commander";
import type { Context } from "../context.js";
import { type Does, secondsUpTo } from "../input/options.js";
import type { RelayOptions } from "./relay.js";
import type { RelayTokenOptions } from "./relay-token.js";

/** relay serve|token. */
export function addRelay(program: Command, context: Context, does: Does): void {
  const relay = program
    .command("relay")
    .description("what daemons elsewhere deliver to, beside the database or the server");
  addServe(relay, does);
  relay
    .command("token")
    .description("make a token that lets a daemon in; the relay's file gets its digest, and it is shown once")
    .argument("<name>", "whose it is; a second token of one name lets a first be taken out later")
    .requiredOption("--token-file <file>", "of the relay; made where there is none")
    .action(
      does(async (name: string, options: RelayTokenOptions) =>
        (await import("./relay-token.js")).token(context, name, options),
      ),
    );
}

function addServe(relay: Command, does: Does): void {
  relay
    .command("serve")
    .description("take what daemons deliver and write it; in the foreground, with no state of its own")
    .requiredOption(
      "--listen <host:port>",
      "where; beyond loopback only with TLS, and with a token or a certificate",
    )
    .option(
      "--database <uri>",
      "MLflow's PostgreSQL database, as postgresql://USER@HOST/DATABASE; its password comes from --database-password-file, PGPASSWORD or ~/.pgpass",
    )
    .option(
      "--upstream <url>",
      "an MLflow server in place of a database; credentials come from MLFLOW_TRACKING_USERNAME and _PASSWORD, or _TOKEN",
    )
    .option("--database-password-file <file>", "holds the database's password alone")
    .option(
      "--artifact-root <uri>",
      "the --default-artifact-root of the MLflow server in front of the database",
    )
    .option(
      "--token-file <file>",
      "tokens that let a daemon in, one a line as NAME TOKEN or NAME sha256:DIGEST; see stepwell relay token",
    )
    .option("--tls-cert <file>", "certificate of the relay, as PEM")
    .option("--tls-key <file>", "its key")
    .option(
      "--client-ca <file>",
      "lets in who has a certificate of these authorities, and nobody else; with --access a token will do, too",
    )
    .option(
      "--access <file>",
      "who may use it, for which experiments and how much: YAML, as docs/guide/relay-access.md says. All files are read again when they change, and on SIGHUP",
    )
    .addOption(
      new Option(
        "--stream-age <seconds>",
        "at about which age a stream is asked to go to another relay; 600 unless given",
      ).argParser(secondsUpTo(86_400)),
    )
    .option(
      "--metrics-listen <host:port>",
      "where Prometheus reads its metrics, such as 127.0.0.1:9465; nowhere unless given. On loopback for this user's processes alone, unless there is a token",
    )
    .option("--metrics-token-file <file>", "holds the token that lets others read them")
    .option("--metrics-push", "push metrics by OTLP, as OpenTelemetry's variables OTEL_EXPORTER_OTLP_... say")
    .action(does(async (options: RelayOptions) => (await import("./relay.js")).serve(options)));
}
