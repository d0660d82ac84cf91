/** A relay's gRPC server: its one service, with health. */
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { callErrorOf } from "../api/call-error.js";
import { asError, closeAnswered, countCalls, countOf } from "../api/call-stream.js";
import { addHealth } from "../api/health.js";
import { Intake } from "../api/intake.js";
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import {
  type DeliverResponse,
  type ProbeRequest,
  type ProbeResponse,
  RelayServiceService,
} from "../gen/stepwell/v1/relay.js";
import { within } from "../home/wait.js";
import { type OpenStream, OpenStreams } from "../ingest/open-streams.js";
import type { RelaySnapshot } from "../metrics/relay-metrics.js";
import type { Clock } from "../model/clock.js";
import { newId } from "../model/id.js";
import { CALLS_END_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { RELAY_MESSAGE_BYTES_MAX } from "../model/relay-limits.js";
import { VERSION } from "../model/version.js";
import { thrownMessage } from "../sinks/relay/outcome-message.js";
import { Access } from "./access/access.js";
import type { Caller } from "./access/callers.js";
import { Callers } from "./access/open-callers.js";
import { Quotas } from "./access/quotas.js";
import { shownBy } from "./access/shown.js";
import { slowTenant } from "./access/slow-tenant.js";
import { BackendWatch } from "./backend-watch.js";
import { GroupWriter } from "./group-writer.js";
import { Queries } from "./queries.js";
import { RelayTally } from "./relay-tally.js";
import { Session, type SessionParts, type SessionStream } from "./session.js";
import { Sessions } from "./sessions.js";
import type { RelayStore } from "./store.js";

/** At about which age a stream is asked to go elsewhere, and how long it may take. */
const STREAM_AGE_MS = 600_000;
const STREAM_DRAIN_MS = 30_000;
/** And beyond that, where some of it is being written; in all less than a supervisor of relays waits (60 s). */
const STREAM_WRITING_MS = 20_000;
/** A peer that answers no ping in this time is gone; a stopped one loses its stream, and nothing else. */
const PING_MS = 30_000;
const PING_ANSWER_MS = 20_000;
/** Bytes that all streams have sent and that wait for the backend. */
const INTAKE_BYTES_MAX = 16 * 1024 * 1024;
/** How much longer a connection may take in any case: a busy machine keeps a stream's own end waiting. */
const BACKSTOP_MS = 60_000;
/** How long the first look at the backend may keep the relay from listening. */
const FIRST_LOOK_MS = 2_000;
/** Streams of one connection: a daemon has one, and another while it drains. */
const CONNECTION_STREAMS_MAX = 10;
/** Streams that are open, and of those that did not open yet. */
const STREAMS_MAX = 10_000;
const GREETING_MAX = 1_000;
const GREETING_MS = 15_000;

export interface RelayServerOptions {
  readonly store: RelayStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly access?: Access;
  readonly credentials?: ServerCredentials;
  readonly streamAgeMs?: number;
  readonly streamDrainMs?: number;
  readonly streamWritingMs?: number;
  /** How long a stream may be open without RelayOpen. */
  readonly greetingMs?: number;
  /** How long a pack waits for its tenant's limit. */
  readonly limitWaitMs?: number;
}

export interface RelayServer {
  /** Listens; answers the port. */
  listen(address: string): Promise<number>;
  /** What this life of the relay is called. */
  readonly relayId: string;
  /** Streams that are open. */
  readonly streams: () => number;
  /** Packs that wait for a group. */
  readonly waiting: () => number;
  /** What it has and did, for its metrics. */
  readonly snapshot: () => RelaySnapshot;
  /** Ends every connection at once, as the death of its process does. */
  kill(): void;
  /** Takes no new streams, asks all to go elsewhere, waits for them, and closes the store. */
  close(): Promise<void>;
}

type DeliverCall = ServerDuplexStream<Buffer, DeliverResponse>;

export function makeRelayServer(options: RelayServerOptions): RelayServer {
  const { store, clock, random, log } = options;
  const everybody = { tokenFile: undefined, settingsFile: undefined, hasCertificates: false };
  const access = options.access ?? new Access({ ...everybody, clock, log });
  const { streamAgeMs = STREAM_AGE_MS, streamDrainMs = STREAM_DRAIN_MS } = options;
  const { streamWritingMs = STREAM_WRITING_MS } = options;
  const relayId = newId();
  const sessions = new Sessions({
    ...{ random, ageMs: streamAgeMs, drainMs: streamDrainMs, writingMs: streamWritingMs },
  });
  const backend = new BackendWatch(store, log, () => sessions.tellBackend());
  const tally = new RelayTally();
  const writer: GroupWriter = new GroupWriter(store, clock, log, tally, () => quotas);
  const quotas = new Quotas({
    ...{ clock, log, take: store.takeBudgets?.bind(store) },
    backlogOf: (tenant) => writer.backlogOf(tenant),
    onRoom: () => writer.wake(),
    onPace: (tenant, pace) => slowTenant(sessions.all, tenant, pace),
  });
  const parts: SessionParts = {
    relayId,
    writer,
    clock,
    queries: new Queries(store),
    backend: () => backend.known,
    windowBytes: () => sessions.windowBytes,
  };
  const server = new Server({
    interceptors: [countCalls(new Intake(clock, INTAKE_BYTES_MAX))],
    "grpc.max_concurrent_streams": CONNECTION_STREAMS_MAX,
    // A little more has to arrive, so that it is answered with its own code.
    "grpc.max_receive_message_length": RELAY_MESSAGE_BYTES_MAX + 64 * 1024,
    "grpc.keepalive_time_ms": PING_MS,
    "grpc.keepalive_timeout_ms": PING_ANSWER_MS,
    // Where a stream stays all the same: what had no outcome is sent again then.
    "grpc.max_connection_age_ms": 3 * streamAgeMs + 3 * streamDrainMs + BACKSTOP_MS,
    "grpc.max_connection_age_grace_ms": streamDrainMs,
  });
  const open = new OpenStreams({
    streams: STREAMS_MAX,
    greeting: GREETING_MAX,
    helloMs: options.greetingMs ?? GREETING_MS,
  });
  server.addService(rawRelayService, {
    deliver: (call: DeliverCall) => deliver(call, parts, { access, sessions, open }),
    probe: (call: ServerUnaryCall<ProbeRequest, ProbeResponse>, callback: sendUnaryData<ProbeResponse>) => {
      probe(call, { store, access, relayId, backend }).then(
        (response) => callback(null, response),
        (error: unknown) => callback(callErrorOf(error)),
      );
    },
  });
  const health = addHealth(server);
  const callers = new Callers({ access, sessions, clock, quotas, writer, limitWaitMs: options.limitWaitMs });
  return {
    relayId,
    listen: async (address) => {
      // A backend that is away keeps nobody from being told so.
      await within(FIRST_LOOK_MS, backend.start());
      const port = await bind(server, address, options.credentials ?? ServerCredentials.createInsecure());
      return port;
    },
    streams: () => sessions.size,
    waiting: () => parts.writer.waiting,
    snapshot: () => ({
      ...{ tally, streams: sessions.size, windowBytes: sessions.windowBytes },
      ...{ waitingPacks: writer.waiting, tenants: quotas.counts },
    }),
    kill: () => server.forceShutdown(),
    close: async () => {
      health.endServing();
      callers.hurry();
      sessions.stop();
      await shutDown(server, streamDrainMs + streamWritingMs + 2_000);
      // What hangs in the backend is given up: nobody was told that it is there.
      await within(CALLS_END_MS, parts.writer.settled());
      callers.close();
      quotas.close();
      await within(CALLS_END_MS, Promise.all([backend.close(), store.close()]));
    },
  };
}

/** The service's definition with requests as they came over the wire. */
const rawRelayService: {
  readonly deliver: MethodDefinition<Buffer, DeliverResponse>;
  readonly probe: MethodDefinition<ProbeRequest, ProbeResponse>;
} = {
  deliver: {
    ...RelayServiceService.deliver,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
  },
  probe: RelayServiceService.probe,
};

interface DeliverParts {
  readonly access: Access;
  readonly sessions: Sessions;
  readonly open: OpenStreams;
}

function deliver(call: DeliverCall, parts: SessionParts, { access, sessions, open }: DeliverParts): void {
  const count = countOf(call);
  let session: Session | undefined;
  let isOver = false;
  const leave = () => {
    isOver = true;
    open.leave(entry);
    if (session) sessions.leave(session);
  };
  const end = (error?: StepwellError) => {
    leave();
    closeAnswered(call, error?.code === "STEPWELL_STREAMS_FULL");
    if (error) call.emit("error", asError(error));
    else call.end();
  };
  const entry: OpenStream = { stop: (error) => (session ? session.stop(error) : end(error)) };
  const gone = () => {
    leave();
    session?.disconnected();
  };
  call.on("cancelled", gone);
  // A broken connection reports itself as cancelled too; without a listener it would end the relay.
  call.on("error", gone);
  open.add(entry);
  if (isOver) return;
  const begin = (caller: Caller) => {
    if (isOver) return;
    count.widen();
    const admitted = new Session(
      parts,
      {
        ...streamOf(call),
        end,
        taken: (bytes) => count.taken(bytes),
        judge: () => access.callerOf(caller.proof),
      },
      caller,
    );
    session = admitted;
    call.on("data", (bytes: Buffer) => {
      const wasOpen = admitted.isOpen;
      open.greeted(entry);
      admitted.receive(bytes);
      if (!wasOpen && admitted.isOpen) sessions.add(admitted);
    });
    call.on("drain", () => admitted.drained());
    call.on("end", () => admitted.finish());
  };
  const refuse = (error: unknown) => {
    if (!isOver) end(toStepwellError(error));
  };
  access.admit(shownBy(call)).then(begin).catch(refuse);
}

function streamOf(call: DeliverCall): Pick<SessionStream, "send" | "setPaused"> {
  return {
    send: (response) => call.write(response),
    setPaused: (paused) => void (paused ? call.pause() : call.resume()),
  };
}

interface ProbeParts {
  readonly store: RelayStore;
  readonly access: Access;
  readonly relayId: string;
  readonly backend: BackendWatch;
}

async function probe(
  call: ServerUnaryCall<ProbeRequest, ProbeResponse>,
  { store, access, relayId, backend }: ProbeParts,
): Promise<ProbeResponse> {
  await access.admit(shownBy(call));
  const fault = await store.facts().then(
    () => undefined,
    (error: unknown) => thrownMessage(error, "backend"),
  );
  return { relayVersion: VERSION, relayId, place: store.place, backend: backend.known, fault };
}

async function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}

async function shutDown(server: Server, deadlineMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, deadlineMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
