/** Tells a user's command what happens, where the daemon's environment names one. */
import { join } from "node:path";
import type { NotifyConfig } from "../home/config.js";
import { tellByCommand } from "../home/notify-command.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { callMemory } from "../notify/call-memory.js";
import { Happenings } from "../notify/happenings.js";
import { Notifier } from "../notify/notifier.js";
import type { FlushPath } from "./flush-path.js";
import type { Stores } from "./stores.js";

/** What it is made with. */
export interface NotifyOptions {
  readonly paths: { readonly home: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly journalQuotaBytes: number;
  readonly notify?: NotifyConfig | undefined;
}

export interface NotifyPath {
  /** Looks for what happens once it is started. */
  readonly happenings: Happenings;
  /** Ends both, with a last call for what waits. */
  readonly endNotify: () => Promise<void>;
  /** Why the last call was in vain; nothing where it was not. */
  readonly notifyFaults: () => string[];
}

/** Makes it; undefined where nobody wants to be told. */
export function makeNotifyPath(
  { notify, paths, clock, log, journalQuotaBytes }: NotifyOptions,
  { dispatcher, deadLetters, journal, leases, pipelines }: Stores & FlushPath,
): NotifyPath | undefined {
  if (!notify) return undefined;
  const { command, events, environment } = notify;
  const notifier = new Notifier({
    tell: (each) => tellByCommand(command, each, environment),
    ...{ clock, log, memory: callMemory(join(paths.home, "notified")) },
  });
  const isLostStep = (runId: string) =>
    pipelines
      .recent()
      .some(({ steps }) =>
        steps.some(
          ({ state, trackings }) => state.kind === "lost" && trackings.some((each) => each.runId === runId),
        ),
      );
  const happenings = new Happenings({
    ...{ wanted: events, clock, journalQuotaBytes, home: paths.home },
    add: (event) => notifier.add(event),
    overview: (lanesMax) => dispatcher.overview(lanesMax),
    deadLetters: () => deadLetters.entries,
    journalBytes: () => journal.bytes,
    isLost: (runId) => leases.find(runId)?.state === "ending" || isLostStep(runId),
  });
  return {
    happenings,
    endNotify: async () => {
      await happenings.close();
      await notifier.close();
    },
    notifyFaults: () => (notifier.fault === "" ? [] : [notifier.fault]),
  };
}
