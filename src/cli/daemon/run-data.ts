import { StepwellError } from "../../errors/stepwell-error.js";
import type { GetRunDataRequest, GetRunDataResponse } from "../../gen/stepwell/v1/runs.js";
import type { Connection } from "./find-daemon.js";

/** A tracker may take its time to show a run and its curves. */
const DATA_MS_MAX = 30_000;

/** What a run logged; undefined where the daemon is too old to tell. */
export async function getRunData(
  { runs, call }: Connection,
  runId: string,
  wanted: Partial<Omit<GetRunDataRequest, "runId">> = {},
): Promise<GetRunDataResponse | undefined> {
  const request = { runId, curves: 0, curvePoints: 0, curveKeys: [], ...wanted };
  try {
    return await call(runs.getRunData.bind(runs), request, DATA_MS_MAX);
  } catch (error) {
    if (error instanceof StepwellError && error.code === "STEPWELL_VERSION_MISMATCH") return undefined;
    throw error;
  }
}
