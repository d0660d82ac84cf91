/**
 * What a user wants to be told: how runs end, and what is wrong for long. Ends are told as they come; the rest is looked for
 * now and then, and told once until it is over.
 */
import { statfs } from "node:fs/promises";
import type { LaneOverview } from "../flush/lane-reports.js";
import type { NotifyEvent, NotifyEventName } from "../home/notify-command.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import { sizeText } from "../model/size.js";
import type { Run } from "../runs/run.js";

/** How often it is looked. */
const LOOK_MS = 10_000;
/** How long entries wait at a tracker in trouble before that is told. */
const HELD_MS = 10 * 60_000;
/** The part of the journal's quota from which on that is told, and under which it is over. */
const QUOTA_NEAR = 0.8;
const QUOTA_FAR = 0.7;
/** The part of a volume that is left, and bytes, under both of which it is nearly full; and over which it is not any more. */
const DISK_SHARE = 0.05;
const DISK_BYTES = 1024 ** 3;
const LANES_LOOKED_AT = 50;

/** As statfs tells it. */
interface Volume {
  readonly blocks: number;
  readonly bsize: number;
  readonly bavail: number;
}

export interface HappeningsOptions {
  /** Those that are told. */
  readonly wanted: ReadonlySet<string>;
  readonly add: (event: NotifyEvent) => void;
  readonly clock: Clock;
  readonly overview: (lanesMax: number) => LaneOverview;
  readonly deadLetters: () => number;
  readonly journalBytes: () => number;
  readonly journalQuotaBytes: number;
  readonly home: string;
  readonly volume?: (path: string) => Promise<Volume>;
  /** Whether the daemon ends the run because its process is gone. */
  readonly isLost: (runId: string) => boolean;
}

export class Happenings {
  readonly #options: HappeningsOptions;
  readonly #held = new Set<string>();
  #letters: number;
  #isQuotaNear = false;
  #isDiskFull = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: HappeningsOptions) {
    this.#options = options;
    this.#letters = options.deadLetters();
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** A run has ended. */
  runEnded(run: Run): void {
    const { runId, start, status = "FINISHED" } = run;
    const isLost = status === "KILLED" && this.#options.isLost(runId);
    const event = isLost ? "run_lost" : status === "FINISHED" ? "run_ended" : "run_failed";
    const runName = start?.runName ?? runId;
    const how = isLost ? "was lost: its process is gone" : `ended as ${status}`;
    const seconds =
      run.endTimeMs && start ? Math.max(0, Math.round((run.endTimeMs - start.startTimeMs) / 1_000)) : 0;
    this.#tell(event, `The run ${runName} ${how}.`, {
      ...{ run_id: runId, run_name: runName, experiment_name: start?.experimentName ?? "", status, seconds },
    });
  }

  /** Looks at what may be wrong. Throws nothing. */
  async look(): Promise<void> {
    this.#lookAtLanes();
    this.#lookAtLetters();
    this.#lookAtQuota();
    await this.#lookAtDisk();
  }

  #lookAtLanes(): void {
    const { overview, clock } = this.#options;
    const nowMs = clock.nowMs();
    const isLong = ({ state, oldestMs }: LaneOverview["lanes"][number]) =>
      (state === "held" || state === "retrying") && oldestMs > 0 && nowMs - oldestMs >= HELD_MS;
    const long = new Map(
      overview(LANES_LOOKED_AT)
        .lanes.filter(isLong)
        .map((lane) => [lane.tracker, lane]),
    );
    for (const tracker of this.#held) if (!long.has(tracker)) this.#held.delete(tracker);
    for (const [tracker, { runId, state, errorCode, queuedPoints, oldestMs }] of long) {
      if (this.#held.has(tracker)) continue;
      this.#held.add(tracker);
      const minutes = Math.floor((nowMs - oldestMs) / 60_000);
      this.#tell("held", `What is for the tracker ${tracker} has waited for ${minutes} min.`, {
        ...{ tracker, run_id: runId, state, code: errorCode ?? "", queued_points: queuedPoints, minutes },
      });
    }
  }

  #lookAtLetters(): void {
    const letters = this.#options.deadLetters();
    const more = letters - this.#letters;
    this.#letters = letters;
    if (more > 0)
      this.#tell(
        "dead_letters",
        `${counted(more, "entry was", "entries were")} refused for good: stepwell dead-letter list.`,
        {
          ...{ entries: more, dead_letters: letters },
        },
      );
  }

  #lookAtQuota(): void {
    const { journalBytes, journalQuotaBytes } = this.#options;
    const bytes = journalBytes();
    const share = bytes / journalQuotaBytes;
    if (share >= QUOTA_NEAR && !this.#isQuotaNear)
      this.#tell(
        "quota_near",
        `The journal holds ${sizeText(bytes)}; its quota is ${sizeText(journalQuotaBytes)}.`,
        {
          ...{ journal_bytes: bytes, quota_bytes: journalQuotaBytes },
        },
      );
    if (share >= QUOTA_NEAR || share < QUOTA_FAR) this.#isQuotaNear = share >= QUOTA_NEAR;
  }

  async #lookAtDisk(): Promise<void> {
    const { home, volume: volumeAt = statfs } = this.#options;
    const volume = await volumeAt(home).catch(() => undefined);
    if (!volume) return;
    const [total, free] = [volume.blocks * volume.bsize, volume.bavail * volume.bsize];
    const isFull = free < Math.min(total * DISK_SHARE, DISK_BYTES);
    if (isFull && !this.#isDiskFull)
      this.#tell("disk_nearly_full", `The volume of the home has ${sizeText(free)} left.`, {
        free_bytes: free,
      });
    if (isFull || free > 2 * Math.min(total * DISK_SHARE, DISK_BYTES)) this.#isDiskFull = isFull;
  }

  #tell(event: NotifyEventName, text: string, facts: Readonly<Record<string, string | number>>): void {
    const { wanted, add, clock, home } = this.#options;
    if (wanted.has(event)) add({ event, text, time_ms: clock.nowMs(), home, ...facts });
  }
}
