/** The worker's entry: takes requests one after the other and keeps the pace between transactions. */
import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { toStepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import { Turns } from "../../model/turns.js";
import type { Answer, Request } from "./messages.js";
import { FIRST_PACE, paceAfter } from "./pacing.js";
import { Writer, type WriterOptions } from "./writer.js";

const writer = new Writer(workerData as WriterOptions);
let pace = FIRST_PACE;
let freeAtMs = 0;
const turns = new Turns();

parentPort?.on("message", (request: Request) => {
  void turns.take(async () => {
    parentPort?.postMessage(await answerTo(request));
    if (request.kind === "close") parentPort?.close();
  });
});

async function answerTo(request: Request): Promise<Answer> {
  try {
    switch (request.kind) {
      case "send":
        return { kind: "sent", ...(await send(request)) };
      case "look":
        return { kind: "looked", kept: writer.look(request.homeId, request.guarded) };
      case "stand":
        return { kind: "stands", answers: writer.cursors(request.questions, request.guarded) };
      case "close":
        writer.close();
        return { kind: "closed" };
    }
  } catch (error) {
    const { code, message } = toStepwellError(error);
    return { kind: "failed", code, reason: message };
  }
}

async function send(request: Request & { kind: "send" }) {
  const waitMs = freeAtMs - systemClock.monotonicMs();
  if (waitMs > 0) await setTimeout(waitMs);
  const startedMs = systemClock.monotonicMs();
  const { packs, nowMs, guarded } = request;
  const { sawForeignWrite, ...written } = writer.write(packs, nowMs, guarded);
  const endedMs = systemClock.monotonicMs();
  const next = paceAfter(pace, { startedMs, endedMs, sawForeignWrite });
  pace = next.pace;
  freeAtMs = endedMs + next.pauseMs;
  return written;
}
