/** A server that answers calls as a test wants: with an error, with nothing at all, or as a daemon does. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { ExecutionContext } from "ava";
import {
  DaemonServiceService,
  GetInfoResponse,
  GetStatusResponse,
  Status,
  WatchStatusResponse,
} from "../../../../src/gen/stepwell/v1/daemon.js";
import { CreateSecretResponse, SecretsServiceService } from "../../../../src/gen/stepwell/v1/secrets.js";

/** What a call is answered with: as it should be, nothing, no error of a daemon's, or the daemon's error of this code. */
export type Reaction = "answer" | "hang" | "break" | `STEPWELL_${string}`;

type Unary = (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => void;

const NOTHING = new Uint8Array();

export class AnsweringServer {
  homeId = "a".repeat(32);
  /** What each kind of call is answered with, one call after the other. */
  readonly reactions: Record<"getInfo" | "getStatus" | "createSecret", Reaction[]> = {
    getInfo: [],
    getStatus: [],
    createSecret: [],
  };
  /** What those behind are answered with; as it should be unless given. */
  readonly later: Partial<Record<keyof AnsweringServer["reactions"], Reaction>> = {};
  /** The kinds of the calls that came. */
  readonly calls: string[] = [];
  /** Watches that go on. */
  readonly watches = new Set<ServerWritableStream<unknown, WatchStatusResponse>>();
  readonly endpoint: string;

  private constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Starts one, which ends with the test. */
  static async start(t: ExecutionContext): Promise<AnsweringServer> {
    const folder = mkdtempSync(join(tmpdir(), "stepwell-answers-"));
    const answering = new AnsweringServer(`unix:${join(folder, "s.sock")}`);
    const server = new Server();
    server.addService(DaemonServiceService, answering.#daemon());
    server.addService(SecretsServiceService, {
      createSecret: answering.#unary("createSecret", () => CreateSecretResponse.decode(NOTHING)),
    });
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(answering.endpoint, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    t.teardown(() => {
      server.forceShutdown();
      rmSync(folder, { recursive: true, force: true });
    });
    return answering;
  }

  /** How many calls of a kind came. */
  count(kind: string): number {
    return this.calls.filter((one) => one === kind).length;
  }

  /** Tells all that watch so many points. */
  tell(queuedPoints: bigint): void {
    const told = { status: { ...Status.decode(NOTHING), queuedPoints } };
    for (const watch of this.watches) watch.write(told);
  }

  #daemon(): UntypedServiceImplementation {
    return {
      getInfo: this.#unary("getInfo", () => ({ ...GetInfoResponse.decode(NOTHING), homeId: this.homeId })),
      getStatus: this.#unary("getStatus", () => ({
        ...GetStatusResponse.decode(NOTHING),
        status: { ...Status.decode(NOTHING), queuedPoints: 7n },
      })),
      watchStatus: (call: ServerWritableStream<unknown, WatchStatusResponse>) => {
        this.calls.push("watchStatus");
        this.watches.add(call);
        call.on("cancelled", () => this.watches.delete(call));
        call.write(WatchStatusResponse.decode(NOTHING));
      },
    };
  }

  #unary(kind: keyof AnsweringServer["reactions"], answerOf: () => unknown): Unary {
    return (_, answer) => {
      this.calls.push(kind);
      const reaction = this.reactions[kind].shift() ?? this.later[kind] ?? "answer";
      if (reaction === "hang") return;
      if (reaction === "answer") {
        answer(null, answerOf());
        return;
      }
      const metadata = new Metadata();
      if (reaction !== "break") metadata.set("stepwell-code", reaction);
      if (reaction !== "break") metadata.set("stepwell-remedy", "Do something.");
      answer({ code: status.UNAVAILABLE, details: `It says ${reaction}.`, metadata });
    };
  }
}
