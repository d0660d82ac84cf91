/** The relay of a deployment, beside its PostgreSQL: what daemons deliver to by gRPC. A file has the digest of their token. */
import { join } from "node:path";
import type { Environment } from "../home/endpoint.js";
import { replaceFile } from "../home/replace-file.js";
import type { Part } from "./part.js";
import { LOOPBACK, takesConnections } from "./port.js";
import { tokenLine } from "./token-line.js";

export interface RelayPartOptions {
  /** The deployment's. */
  readonly folder: string;
  readonly env: Environment;
  /** What runs Stepwell's command. */
  readonly program: readonly string[];
  readonly port: number;
  readonly database: string;
  readonly token: string;
}

const END_MS_MAX = 30_000;

/** The server, as the supervisor runs it. */
export function relayPart({ folder, env, program, port, database, token }: RelayPartOptions): Part {
  const tokenFile = join(folder, "relay.tokens");
  const [interpreter = "", ...words] = program;
  return {
    name: "relay",
    prepare: () => replaceFile(tokenFile, tokenLine(token)),
    command: () => ({
      program: interpreter,
      args: [
        ...[...words, "relay", "serve", `--listen=${LOOPBACK}:${port}`, `--database=${database}`],
        ...["--artifact-root=mlflow-artifacts:/", `--token-file=${tokenFile}`],
      ],
      cwd: folder,
      env,
      input: "",
    }),
    isPortTaken: () => takesConnections(port),
    answers: () => takesConnections(port),
    endSignal: "SIGTERM",
    endMsMax: END_MS_MAX,
  };
}
