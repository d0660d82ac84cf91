/**
 * The relay's program, in the process of the command that starts it: whatever ends or stops that process, ends or
 * stops the relay. It stays in the foreground. The first SIGTERM or SIGINT asks all streams to go elsewhere and waits
 * for them; a second one ends at once, which loses nothing: what had no outcome is sent again.
 */
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { EXIT } from "../errors/row.js";
import { toStepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { readRelayConfig } from "../home/config.js";
import { keepMemoryPrivate } from "../home/private-memory.js";
import type { Log } from "../model/log.js";
import { type ServedRelay, serveRelay } from "./serve.js";

/** In MB. */
const YOUNG_HEAP = "--max-semi-space-size=4";
const STDOUT = 1;
const STDERR = 2;

const log: Log = (level, message, facts = {}) => {
  const time = new Date(systemClock.nowMs()).toISOString();
  say(STDERR, `${JSON.stringify({ time, level, message, ...facts })}\n`);
};

async function main(): Promise<void> {
  keepMemoryPrivate();
  // As a daemon's: what is received at full speed takes less of memory, and no more time.
  setFlagsFromString(YOUNG_HEAP);
  const starting = serveRelay(readRelayConfig(process.argv.slice(2)), {
    ...{ clock: systemClock, random: Math.random, log },
  });
  let isEnding = false;
  const end = (signal: NodeJS.Signals) => {
    if (isEnding) process.exit(EXIT.ok);
    isEnding = true;
    log("info", "the relay ends", { signal });
    endOrderly(starting).catch(die);
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  process.on("uncaughtException", die);
  const { address, renew } = await starting;
  process.on("SIGHUP", renew);
  say(STDOUT, `listening on ${address}\n`);
}

async function endOrderly(starting: Promise<ServedRelay>): Promise<void> {
  const { close } = await starting;
  await close();
  process.exit(EXIT.ok);
}

function die(thrown: unknown): void {
  const { code, message, remedy, row, stack } = toStepwellError(thrown);
  if (code === "STEPWELL_INTERNAL") log("error", "the relay failed", { code, stack });
  say(STDERR, `error: ${message} ${remedy} [${code}]\n`);
  process.exit(EXIT[row.exit]);
}

/** At once: what ends the process next does not wait for a stream. */
function say(file: number, text: string): void {
  try {
    writeSync(file, text);
  } catch {
    // Nobody reads it.
  }
}

main().catch(die);
