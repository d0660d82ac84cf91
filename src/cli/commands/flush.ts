import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Status } from "../../gen/stepwell/v1/daemon.js";
import { CALL_MS_MAX } from "../../home/wait.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { connect } from "../daemon/connect.js";
import { homeFault, stateFault } from "../daemon/home-fault.js";
import type { OutputOptions } from "../input/options.js";
import { render } from "../output/output.js";
import { statusView } from "../output/views.js";
import { waitingLines } from "../output/waiting-lanes.js";
import { checkLosses, present, sayFault } from "./status.js";

/** Options of `flush`. */
export interface FlushOptions extends OutputOptions {
  /** Seconds. */
  readonly timeout: number;
}

/** `flush`: returns when the backends have confirmed everything, or says what is left. */
export async function flush(context: Context, options: FlushOptions): Promise<number> {
  const connection = await connect(context);
  const note = setTimeout(
    () => context.stderr("Waiting until the backends have confirmed everything...\n"),
    1000,
  );
  // 0 would be the daemon's own default.
  const timeoutMs = Math.max(1, Math.round(options.timeout * 1000));
  try {
    const method = connection.daemon.flush.bind(connection.daemon);
    const response = await connection.call(method, { timeoutMs }, timeoutMs + CALL_MS_MAX);
    const status = present(response.status);
    const record = { drained: response.drained, ...statusView(status) };
    context.stdout(render({ kind: "record", record }, options.output));
    const fault = lossOf(status);
    if (!response.drained) {
      sayFault(context, fault);
      for (const line of waitingLines(status.lanes)) context.stderr(`${line}\n`);
      const sentence = `Not delivered within ${options.timeout} s: ${counted(status.queuedPoints, "point")} of ${counted(status.laneCount, "lane")}.`;
      throw new StepwellError("STEPWELL_NOT_DRAINED", sentence);
    }
    checkLosses(context, status, fault);
    return EXIT.ok;
  } finally {
    clearTimeout(note);
    connection.close();
  }
}

/** What is wrong with the home; that the journal is full hinders nobody who only drains it. */
function lossOf(status: Status): StepwellError | undefined {
  const fault = homeFault(status);
  return fault?.code === "STEPWELL_JOURNAL_FULL" ? stateFault(status) : fault;
}
