import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Status } from "../../gen/stepwell/v1/daemon.js";
import { CALL_MS_MAX } from "../../home/wait.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { connect } from "../daemon/connect.js";
import type { Connection } from "../daemon/find-daemon.js";
import { homeFault, stateFault } from "../daemon/home-fault.js";
import type { OutputOptions } from "../input/options.js";
import { showAnswer } from "../output/output.js";
import { paragraph } from "../output/paragraph.js";
import { countText, visible } from "../output/people.js";
import { Redraw } from "../output/redraw.js";
import type { Screen } from "../output/screen.js";
import { statusWords } from "../output/status-words.js";
import { cutTo } from "../output/text-width.js";
import { statusView } from "../output/views.js";
import { waitingLines } from "../output/waiting-lanes.js";
import { checkLosses, lanesOf, present, sayFault } from "./status.js";

/** Options of `flush`. */
export interface FlushOptions extends OutputOptions {
  /** Seconds. */
  readonly timeout: number;
}

/** When to say what is waited for, and how often that is drawn anew. */
const NOTE_MS = 1_000;
const DRAW_MS = 500;

/** `flush`: returns when the backends have confirmed everything, or says what is left. */
export async function flush(context: Context, options: FlushOptions): Promise<number> {
  const connection = await connect(context);
  const progress = showProgress(context, connection);
  // 0 would be the daemon's own default.
  const timeoutMs = Math.max(1, Math.round(options.timeout * 1000));
  try {
    const method = connection.daemon.flush.bind(connection.daemon);
    const response = await connection.call(method, { timeoutMs, runIds: [] }, timeoutMs + CALL_MS_MAX);
    const status = present(response.status);
    progress.end();
    const record = { drained: response.drained, ...statusView(status) };
    if (options.output === "fitted" && context.screen)
      context.stdout(paragraph(context, statusWords(status).sentence));
    else await showAnswer(context, { kind: "record", record }, options.output);
    const fault = lossOf(status);
    if (!response.drained) {
      sayFault(context, fault);
      const isWhole = status.lanes.length >= status.laneCount;
      const lanes = isWhole ? status.lanes : await lanesOf(connection);
      for (const line of waitingLines(lanes)) context.stderr(`${visible(line)}\n`);
      const sentence = `Not delivered within ${options.timeout} s: ${counted(status.queuedPoints, "point")} of ${counted(status.laneCount, "lane")}.`;
      throw new StepwellError("STEPWELL_NOT_DRAINED", sentence);
    }
    checkLosses(context, status, fault);
    return EXIT.ok;
  } finally {
    progress.end();
    connection.close();
  }
}

/** Says what is left while it is waited for: on a terminal in one line that is drawn over, else once. */
function showProgress({ stderr, noteScreen }: Context, { call, daemon }: Connection) {
  const drawing = new Redraw(stderr, noteScreen);
  let hasEnded = false;
  const look = async () => {
    const { status } = await call(daemon.getStatus.bind(daemon), {});
    if (hasEnded || !status) return;
    drawing.draw(progressText(status, noteScreen));
    timer = setTimeout(() => void look().catch(() => undefined), DRAW_MS);
  };
  const say = () => stderr("Waiting until the backends have confirmed everything...\n");
  let timer = setTimeout(noteScreen?.canRedraw ? () => void look().catch(() => undefined) : say, NOTE_MS);
  return {
    end: () => {
      clearTimeout(timer);
      if (!hasEnded) drawing.clear();
      hasEnded = true;
    },
  };
}

function progressText(
  { queuedPoints, laneCount, waitingArtifacts, deliveredPoints }: Status,
  screen?: Screen,
) {
  const artifacts = waitingArtifacts === 0 ? "" : `, ${counted(waitingArtifacts, "artifact")}`;
  const left = `${countText(queuedPoints)} ${queuedPoints === 1n ? "point" : "points"} of ${counted(laneCount, "lane")}${artifacts}`;
  const text = `Waiting for ${left}; ${countText(deliveredPoints)} delivered`;
  return `${cutTo(text, (screen?.columns ?? text.length + 1) - 1)}\n`;
}

/** What is wrong with the home; that the journal is full hinders nobody who only drains it. */
function lossOf(status: Status): StepwellError | undefined {
  const fault = homeFault(status);
  return fault?.code === "STEPWELL_JOURNAL_FULL" ? stateFault(status) : fault;
}
