/** A peer that answers as a daemon would in a state that is hard to bring one into. */
import { join } from "node:path";
import {
  status as grpcStatus,
  Metadata,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { ExecutionContext } from "ava";
import { DaemonServiceService, type Lane, type Status } from "../../src/gen/stepwell/v1/daemon.js";
import { type DeadLetter, DeadLettersServiceService } from "../../src/gen/stepwell/v1/dead_letters.js";
import { StepsServiceService } from "../../src/gen/stepwell/v1/steps.js";
import { VERSION } from "../../src/model/version.js";
import type { ScratchHome } from "./home.js";

const EMPTY: Status = {
  queuedPoints: 0n,
  queuedBytes: 0n,
  oldestAgeSeconds: 0,
  deliveredPoints: 0n,
  deadLetters: 0n,
  journaledPoints: 0n,
  duplicateBatches: 0n,
  rejectedEntries: 0n,
  producersConnected: 0,
  producersEndedWithoutClosing: 0n,
  journalBytes: 0n,
  journalError: "",
  stateError: "",
  lanes: [],
  laneCount: 0,
  troubledLaneCount: 0,
  endedProducers: [],
  producersWithLosses: 0n,
  trackerWarnings: [],
  notices: [],
  replayWindowBytes: 0n,
  waitingArtifacts: 0,
  waitingArtifactBytes: 0n,
  metricsUrl: "",
  metricsArePushed: false,
  runCount: 0,
};

const LETTER: DeadLetter = {
  number: 0n,
  runId: "0".repeat(32),
  tracker: "t",
  code: "STEPWELL_ENTRY_REFUSED",
  reason: "",
  entries: 1n,
  parkedMs: 0n,
  retryable: true,
};

interface Listing {
  readonly request: { readonly afterNumber: bigint; readonly limit: number };
}

/** What it answers. */
export interface StandInOptions {
  readonly status?: Partial<Status>;
  readonly drained?: boolean;
  /** All that hold entries, where the status does not tell of each. */
  readonly lanes?: readonly Lane[];
  /** GetStatus is never answered. */
  readonly isMute?: true;
  /** Numbers of its dead letters. */
  readonly letters?: readonly bigint[];
  /** What GetStatus says of points that were journaled, asked each time. */
  readonly journaled?: () => bigint;
  /** Whether FinishStep is refused as by a journal that fails. */
  readonly refusesEnd?: () => boolean;
  /** GetStatus fails with this code in its metadata, and INTERNAL as status. */
  readonly fault?: { readonly code: string; readonly sentence: string };
}

/** Serves on a socket beside the home, and resolves to the environment that points to it. */
export async function standInDaemon(
  t: ExecutionContext,
  home: ScratchHome,
  options: StandInOptions,
): Promise<Record<string, string>> {
  const status = { ...EMPTY, ...options.status };
  const endpoint = `unix:${join(home.paths.home, "..", "stand-in.sock")}`;
  const info = {
    pid: process.pid,
    version: VERSION,
    endpoint,
    gatewayUrl: "",
    home: "",
    homeId: "",
    startedMs: 0n,
  };
  const server = new Server();
  const service: UntypedServiceImplementation = {
    getInfo: (_call: unknown, answer: (error: null, value: object) => void) => answer(null, info),
    getStatus: (_call: unknown, answer: (error: object | null, value?: object) => void) => {
      if (options.isMute) return;
      if (options.fault) answer(faultOf(options.fault));
      else
        answer(null, {
          status: { ...status, journaledPoints: options.journaled?.() ?? status.journaledPoints },
        });
    },
    flush: (_call: unknown, answer: (error: null, value: object) => void) =>
      answer(null, { drained: options.drained ?? true, status, lanes: [], deadLetters: 0n }),
    listLanes: (call: { write(piece: object): void; end(): void }) => {
      // A lane a piece: an answer may have many.
      for (const lane of options.lanes ?? status.lanes) call.write({ lanes: [lane] });
      call.end();
    },
  };
  server.addService(DaemonServiceService, service);
  const letters: UntypedServiceImplementation = {
    listDeadLetters: (call: Listing, answer: (error: null, value: object) => void) => {
      const { afterNumber, limit } = call.request;
      const found = (options.letters ?? []).filter((number) => number > afterNumber);
      answer(null, {
        letters: found.slice(0, limit).map((number) => ({ ...LETTER, number })),
        hasMore: found.length > limit,
      });
    },
  };
  server.addService(DeadLettersServiceService, letters);
  const steps: UntypedServiceImplementation = {
    finishStep: (_call: unknown, answer: (error: object | null, value?: object) => void) => {
      if (options.refusesEnd?.()) answer(faultOf({ code: "STEPWELL_JOURNAL_FAILED", sentence: "It fails." }));
      else answer(null, {});
    },
  };
  server.addService(StepsServiceService, steps);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(endpoint, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  t.teardown(() => server.forceShutdown());
  return { STEPWELL_ENDPOINT: endpoint };
}

function faultOf({ code, sentence }: { readonly code: string; readonly sentence: string }): object {
  const metadata = new Metadata();
  metadata.set("stepwell-code", code);
  return { code: grpcStatus.INTERNAL, details: sentence, metadata };
}
