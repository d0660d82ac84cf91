/** `artifact FILE`: a file for a run, by way of the daemon's gateway, which keeps it while a server is away. */
import type { FileHandle } from "node:fs/promises";
import { basename, posix, resolve } from "node:path";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemCode } from "../../errors/system-code.js";
import { openPlain } from "../../home/plain-file.js";
import { servedArtifactsPath } from "../../model/served-artifacts.js";
import type { Context } from "../context.js";
import { askGateway, type SentBody } from "../daemon/gateway-request.js";
import { findLoggedRun } from "../daemon/logged-run.js";
import { withDaemon } from "../daemon/with-daemon.js";
import type { LoggedOptions } from "../input/options.js";

const CHUNK_BYTES = 1 << 20;

/** Options of `artifact`. */
export interface ArtifactOptions extends LoggedOptions {
  /** A folder of the run. */
  readonly path?: string;
}

/** Puts the file where each of the run's trackers has the run's artifacts; done when it is there, or safe in the daemon's spool. */
export async function artifact(context: Context, file: string, options: ArtifactOptions): Promise<number> {
  const name = artifactName(file, options.path);
  const handle = await openFile(file);
  try {
    const body = bodyOf(handle, (await handle.stat()).size);
    const { runId, deliveries } = await findLoggedRun(context, options.run);
    const trackers = deliveries.length > 0 ? deliveries.map(({ tracker }) => tracker) : [""];
    for (const tracker of trackers) await putArtifact(context, { runId, tracker, name }, body);
    return EXIT.ok;
  } finally {
    await handle.close();
  }
}

/** Puts one where a tracker has the run's artifacts. */
export async function putArtifact(
  context: Context,
  { runId, tracker, name }: { readonly runId: string; readonly tracker: string; readonly name: string },
  body: SentBody,
): Promise<void> {
  const address = await addressOf(context, tracker);
  await askGateway(address, `${await placeOf(address, runId)}/${escaped(name)}`, body);
}

function artifactName(file: string, folder: string | undefined): string {
  const name = posix.join(folder ?? "", basename(resolve(file)));
  const isBelow =
    folder === undefined ||
    (folder !== "" && posix.normalize(`${folder}/`) === `${folder.replace(/\/$/, "")}/`);
  if (isBelow && !name.startsWith("/") && !name.startsWith("../")) return name;
  throw new StepwellError("STEPWELL_ARTIFACT_INVALID", `An artifact can't be in ${folder}.`);
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await openPlain(file);
  } catch (error) {
    const reason = systemCode(error) ?? "it is no plain file";
    throw new StepwellError("STEPWELL_ARTIFACT_INVALID", `${file} can't be read: ${reason}.`, {
      cause: error,
    });
  }
}

/** What is added to the file meanwhile is left out. */
function bodyOf(handle: FileHandle, length: number): SentBody {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let offset = 0; offset < length; ) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, length - offset));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0)
        throw new StepwellError("STEPWELL_ARTIFACT_INVALID", "The file became shorter while it was read.");
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
  return { chunks, length };
}

async function addressOf(context: Context, tracker: string): Promise<string> {
  return await withDaemon(context, async ({ gateway, call }) => {
    return (await call(gateway.openGateway.bind(gateway), { tracker })).trackingUri;
  });
}

/** The path of a run's artifacts at the gateway. */
async function placeOf(address: string, runId: string): Promise<string> {
  const answer = await askGateway(address, `/api/2.0/mlflow/runs/get?run_id=${runId}`);
  const { run } = JSON.parse(answer) as {
    readonly run?: { readonly info?: { readonly artifact_uri?: string } };
  };
  const uri = run?.info?.artifact_uri ?? "";
  const served = servedArtifactsPath(uri);
  if (served !== undefined) return served;
  // Without a user's name and a query, which may be a password.
  const shown = uri.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//");
  const sentence = `The tracker's artifacts are at ${shown}, where its server does not write for its clients.`;
  throw new StepwellError("STEPWELL_ARTIFACTS_ELSEWHERE", sentence);
}

function escaped(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}
