/** Keeps what `run`'s program wrote, as an artifact of its run. */
import type { StepTracking } from "../../gen/stepwell/v1/steps.js";
import { OUTPUT_ARTIFACT } from "../../home/left-output.js";
import { within } from "../../home/wait.js";
import type { Context } from "../context.js";
import { putArtifact } from "./artifact.js";

/** How long the command may take for it; a server that is away costs nothing, since the daemon keeps it then. */
const KEPT_MS_MAX = 30_000;
/** Has the daemon take out the credentials that it knows. */
const REDACTED = { "stepwell-redact": "1" };
const STAR = "*";

/** Puts it where the tracker has the run's artifacts; resolves to why that was in vain, and never rejects. */
export async function keepOutput(
  context: Context,
  { runId, tracker, mlflowTrackingUri }: StepTracking,
  output: Buffer,
): Promise<string | undefined> {
  if (output.length === 0) return undefined;
  const bytes = withoutPass(output, mlflowTrackingUri);
  const body = {
    chunks: async function* () {
      yield bytes;
    },
    length: bytes.length,
    headers: REDACTED,
  };
  let fault: string | undefined = "it took too long";
  const putting = putArtifact(context, { runId, tracker, name: OUTPUT_ARTIFACT }, body).then(
    () => {
      fault = undefined;
    },
    (error: unknown) => {
      fault = error instanceof Error ? error.message : String(error);
    },
  );
  await within(KEPT_MS_MAX, putting);
  return fault;
}

/** The address that the program was given opens its tracker, and programs print their environment. */
export function withoutPass(output: Buffer, trackingUri: string): Buffer {
  const pass = Buffer.from(/^https?:\/\/[^/]+\/([^/?#]+)/.exec(trackingUri)?.[1] ?? "");
  if (pass.length === 0) return output;
  const bytes = Buffer.from(output);
  for (let at = bytes.indexOf(pass); at !== -1; at = bytes.indexOf(pass, at + pass.length))
    bytes.fill(STAR, at, at + pass.length);
  return bytes;
}
