/**
 * The gRPC server: every service on one Unix socket, with health and reflection.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Curves } from "../curves/curves.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import { BundlesServiceService } from "../gen/stepwell/v1/bundles.js";
import { CurvesServiceService } from "../gen/stepwell/v1/curves.js";
import { DaemonServiceService } from "../gen/stepwell/v1/daemon.js";
import { DeadLettersServiceService } from "../gen/stepwell/v1/dead_letters.js";
import { GatewayServiceService } from "../gen/stepwell/v1/gateway.js";
import { RunsServiceService } from "../gen/stepwell/v1/runs.js";
import { SecretsServiceService } from "../gen/stepwell/v1/secrets.js";
import { StacksServiceService } from "../gen/stepwell/v1/stacks.js";
import { StepsServiceService } from "../gen/stepwell/v1/steps.js";
import { TrackersServiceService } from "../gen/stepwell/v1/trackers.js";
import type { Door } from "../ingest/door.js";
import type { LetterRetryOptions } from "../ingest/letter-retry.js";
import type { Reception } from "../ingest/reception.js";
import { CONNECTION_STREAMS_MAX, MESSAGE_BYTES_MAX } from "../model/limits.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { SecretBook } from "../secrets/secret-book.js";
import { type BundleCalls, bundlesService } from "./bundles-service.js";
import { countCalls } from "./call-stream.js";
import { curvesService } from "./curves-service.js";
import { type DaemonServiceOptions, daemonService } from "./daemon-service.js";
import { deadLettersService } from "./dead-letters-service.js";
import { type GatewayServiceOptions, gatewayService } from "./gateway-service.js";
import { addHealth } from "./health.js";
import { ingestService, rawIngestService } from "./ingest-service.js";
import { Intake } from "./intake.js";
import { type KnownMethods, methodsOf, type ServiceRegistry } from "./known-methods.js";
import { addReflection } from "./reflection.js";
import { type RunDataSource, runsService } from "./runs-service.js";
import { secretsService } from "./secrets-service.js";
import { type ComponentWarnings, stacksService } from "./stacks-service.js";
import { type StepsServiceOptions, stepsService } from "./steps-service.js";
import { type TrackerCalls, trackersService } from "./trackers-service.js";

export interface ApiOptions
  extends DaemonServiceOptions,
    StepsServiceOptions,
    TrackerCalls,
    RunDataSource,
    GatewayServiceOptions {
  readonly door: Door;
  readonly reception: Reception;
  readonly backendRuns: BackendRuns;
  readonly curves: Curves;
  readonly dispatcher: Pick<Dispatcher, "askAgain" | "lanes">;
  readonly secrets: SecretBook;
  /** What is carried by hand. */
  readonly bundles: BundleCalls;
  /** What was noticed of a component's server. */
  readonly warnings: ComponentWarnings;
  /** What dead letters need to be shown and sent again. */
  readonly letters: LetterRetryOptions;
}

export interface ApiServer {
  /** What clients may ask, but ingest: for a page, which asks over HTTP. */
  readonly methods: KnownMethods;
  /** Listens on a gRPC target such as unix:/path. */
  listen(target: string): Promise<void>;
  /** The same where it listened before and its socket is gone; streams that are open go on. */
  listenAgain(target: string): Promise<void>;
  /** Takes no new calls, waits for those that run until the deadline, then cuts them. */
  close(deadlineMs: number): Promise<void>;
}

/** A message a little over the ingest limit has to arrive, so that it is answered with its own code. */
const RECEIVE_BYTES_MAX = MESSAGE_BYTES_MAX + 64 * 1024;

export function makeApiServer(options: ApiOptions): ApiServer {
  // No keep-alive: a process that is stopped answers none, and keeps its stream.
  const server = new Server({
    interceptors: [countCalls(new Intake(options.clock))],
    "grpc.max_concurrent_streams": CONNECTION_STREAMS_MAX,
    "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
  });
  server.addService(rawIngestService, ingestService(options.door, options.reception));
  const addServices = servicesOf(options);
  addServices(server);
  const health = addHealth(server);
  addReflection(server);
  const listen = (target: string) =>
    new Promise<void>((resolve, reject) => {
      server.bindAsync(target, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  return {
    methods: methodsOf(addServices),
    listen,
    listenAgain: async (target) => {
      server.unbind(target);
      await listen(target);
    },
    close: async (deadlineMs) => {
      health.endServing();
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
    },
  };
}

/** Adds every service but ingest; what they hold is the same wherever they are added. */
function servicesOf(options: ApiOptions): (registry: ServiceRegistry) => void {
  const { stacks, secrets, dispatcher, backendRuns } = options;
  const runs = runsService(options, options);
  const stacksAnswers = stacksService(stacks, secrets, options.warnings);
  const steps = stepsService(options);
  const secretsAnswers = secretsService(secrets, () => dispatcher.askAgain());
  const trackers = trackersService(options);
  const letters = deadLettersService({ ...options.letters, backendRuns });
  const bundles = bundlesService(options.bundles);
  const curves = curvesService(options);
  const gateway = gatewayService(options);
  const daemon = daemonService(options);
  return (registry) => {
    registry.addService(RunsServiceService, runs);
    registry.addService(StacksServiceService, stacksAnswers);
    registry.addService(StepsServiceService, steps);
    registry.addService(SecretsServiceService, secretsAnswers);
    registry.addService(TrackersServiceService, trackers);
    registry.addService(DeadLettersServiceService, letters);
    registry.addService(BundlesServiceService, bundles);
    registry.addService(CurvesServiceService, curves);
    registry.addService(GatewayServiceService, gateway);
    registry.addService(DaemonServiceService, daemon);
  };
}
