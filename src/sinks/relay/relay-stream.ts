/**
 * One stream to a relay, on a connection of its own: whatever spreads connections over relays decides anew with
 * each stream.
 *
 *   opening  -> open       the relay welcomed it
 *   open     -> retired    the relay asked for its end, or another stream takes its place: nothing new goes, what
 *                          is under way is answered, then our side is ended
 *   any      -> ended      it is over; what was under way may be in the backend or not
 */
import {
  type ChannelCredentials,
  type Client,
  type ClientDuplexStream,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { StepwellError } from "../../errors/stepwell-error.js";
import {
  DeliverRequest,
  DeliverResponse,
  type RelayBackend,
  type RelayOutcome,
  RelayServiceService,
} from "../../gen/stepwell/v1/relay.js";
import type { CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import { ANSWER_MS_MAX } from "../../model/limits.js";
import { RELAY_WELCOME_MS_MAX } from "../../model/relay-limits.js";
import { VERSION } from "../../model/version.js";
import type { RelayAddress } from "./address.js";
import { linkFault } from "./link-fault.js";
import { openClient } from "./own-connections.js";
import { type EncodePack, type NotSent, PacksUnderWay } from "./packs-under-way.js";
import { StreamQuestions } from "./stream-questions.js";

/** The versions of the protocol that this daemon speaks. */
const PROTOCOL_MIN = 1;
const PROTOCOL_MAX = 1;
/** A relay may answer with as much as it was sent: every entry of a pack refused. */
const RECEIVE_BYTES_MAX = 16 * 1024 * 1024;

export interface RelayStreamOptions {
  readonly address: RelayAddress;
  readonly credentials: ChannelCredentials;
  /** Goes into the metadata; empty: none. */
  readonly token: string;
  readonly homeId: string;
  /** Told what the relay's backend is, also when that changes. */
  readonly onBackend: (backend: RelayBackend) => void;
  /** The relay asked for another stream in its place. */
  readonly onDrain: () => void;
  /** It ended while so many packs had no outcome: they may be in the backend or not. */
  readonly onDoubt: (packs: number, fault: StepwellError) => void;
  /** How long a pack may be without an outcome. */
  readonly answerMs?: number;
}

export class RelayStream {
  readonly homeId: string;
  /** Resolves when the relay takes packs. */
  readonly welcomed: Promise<void>;
  /** Resolves when its connection is gone. */
  readonly over: Promise<void>;
  readonly #options: RelayStreamOptions;
  readonly #close: () => void;
  readonly #call: ClientDuplexStream<Uint8Array, DeliverResponse>;
  readonly #packs: PacksUnderWay;
  readonly #questions: StreamQuestions;
  #welcome: { resolve: () => void; reject: (error: StepwellError) => void } | undefined;
  #isRetired = false;
  #fault: StepwellError | undefined;
  #keepsCursors = true;
  #grace: NodeJS.Timeout | undefined;
  #isCut = false;
  #isOver: () => void = () => undefined;

  constructor(options: RelayStreamOptions) {
    this.#options = options;
    this.homeId = options.homeId;
    const { address, answerMs = ANSWER_MS_MAX } = options;
    const { client, close } = openClient(address, options.credentials, {
      "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
    });
    this.#close = close;
    this.#call = openCall(client, options.token);
    const onSilence = (error: StepwellError) => this.#end(error);
    const host = { relay: address.text, answerMs, onSilence };
    this.#packs = new PacksUnderWay({ ...host, write: (bytes) => void this.#call.write(bytes) });
    this.#questions = new StreamQuestions({ ...host, write: (message) => this.#write(message) });
    this.over = new Promise((resolve) => {
      this.#isOver = resolve;
    });
    const late = setTimeout(() => this.#end(this.#unwelcomed()), RELAY_WELCOME_MS_MAX);
    this.welcomed = new Promise<void>((resolve, reject) => {
      this.#welcome = { resolve, reject };
    }).finally(() => clearTimeout(late));
    // Whoever waits hears of it; nobody need.
    this.welcomed.catch(() => undefined);
    this.#call.on("data", (response: DeliverResponse) => this.#take(response.message));
    this.#call.on("error", (error: ServiceError) => this.#end(linkFault(error, address.text)));
    // Behind an error it changes nothing.
    this.#call.on("end", () => this.#end(this.#closed()));
    const { homeId } = this;
    const versions = { protocolMin: PROTOCOL_MIN, protocolMax: PROTOCOL_MAX, daemonVersion: VERSION };
    this.#write({ $case: "open", value: { ...versions, homeId } });
  }

  /** Whether it takes packs, or will. */
  get isUsable(): boolean {
    return !this.#isRetired && this.#fault === undefined;
  }

  /** Whether the relay's backend keeps cursors; known once it is welcomed. */
  get keepsCursors(): boolean {
    return this.#keepsCursors;
  }

  /** Sends a pack once there is room. Rejects where it is not known what became of it, or it had to wait for too long. */
  async deliver(encode: EncodePack): Promise<RelayOutcome | NotSent> {
    // One that was asked to go and is over by now lost nothing: what comes late goes over the next one.
    if (this.#isRetired) return { kind: "retired" };
    if (this.#fault) throw this.#fault;
    return await this.#packs.deliver(encode);
  }

  /** Where runs stand in the backend. */
  async standing(questions: readonly CursorQuestion[]): Promise<CursorAnswer[]> {
    await this.welcomed;
    if (this.#fault) throw this.#fault;
    return await this.#questions.standing(questions);
  }

  /** The home's transactions in the backend. */
  async writes(): Promise<number> {
    await this.welcomed;
    if (this.#fault) throw this.#fault;
    return await this.#questions.writes();
  }

  /** Nothing new goes over it; it ends when what is under way has its outcomes. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#packs.retire();
    this.#endWhenDone();
  }

  /** Ends it at once. */
  destroy(): void {
    this.#end(new StepwellError("STEPWELL_DAEMON_STOPPING", "The sink is closed."));
  }

  #take(message: DeliverResponse["message"]): void {
    if (this.#fault) return;
    switch (message?.$case) {
      case "welcome": {
        const { protocol, windowBytes, messageBytesMax, backend } = message.value;
        if (protocol < PROTOCOL_MIN || protocol > PROTOCOL_MAX)
          return this.#end(this.#otherVersion(protocol));
        if (backend) this.#tellBackend(backend);
        this.#welcome?.resolve();
        this.#welcome = undefined;
        if (!this.#isRetired) this.#packs.open(Number(windowBytes), messageBytesMax);
        return;
      }
      case "outcome":
        this.#packs.answered(message.value);
        return this.#endWhenDone();
      case "credit":
        return this.#packs.credit(Number(message.value.windowBytes), message.value.retryAfterMs);
      case "drain":
        this.retire();
        return this.#options.onDrain();
      case "cursors":
      case "looked":
        this.#questions.answered(message);
        return this.#endWhenDone();
      case "backend":
        return this.#tellBackend(message.value);
      case undefined:
        // A newer relay's.
        return;
    }
  }

  #tellBackend(backend: RelayBackend): void {
    this.#keepsCursors = backend.keepsCursors;
    this.#options.onBackend(backend);
  }

  #write(message: DeliverRequest["message"]): void {
    this.#call.write(DeliverRequest.encode({ message }).finish());
  }

  #endWhenDone(): void {
    if (!this.#isRetired || this.#packs.underWay > 0 || !this.#questions.isEmpty || this.#fault) return;
    this.#call.end();
    // Its relay ends its side, too; one that does not is not waited for.
    this.#end(this.#closed(), RELAY_WELCOME_MS_MAX);
  }

  /** It is over; the connection goes at once, or gives the relay so long to end its side. */
  #end(fault: StepwellError, graceMs = 0): void {
    if (!this.#fault) {
      this.#fault = fault;
      this.#welcome?.reject(fault);
      this.#welcome = undefined;
      const { underWay } = this.#packs;
      this.#packs.fail(fault);
      this.#questions.fail(fault);
      if (underWay > 0) this.#options.onDoubt(underWay, fault);
    }
    if (graceMs > 0) this.#grace = setTimeout(() => this.#cut(), graceMs).unref();
    else this.#cut();
  }

  #cut(): void {
    clearTimeout(this.#grace);
    if (this.#isCut) return;
    this.#isCut = true;
    this.#call.cancel();
    this.#close();
    this.#isOver();
  }

  #otherVersion(protocol: number): StepwellError {
    const sentence = `${this.#options.address.text} goes on in version ${protocol} of the relay's protocol; this daemon speaks ${PROTOCOL_MIN} to ${PROTOCOL_MAX}.`;
    return new StepwellError("STEPWELL_VERSION_MISMATCH", sentence);
  }

  #unwelcomed(): StepwellError {
    const sentence = `${this.#options.address.text} did not welcome the daemon within ${RELAY_WELCOME_MS_MAX / 1000} s.`;
    return new StepwellError("STEPWELL_SERVER_UNREACHABLE", sentence);
  }

  #closed(): StepwellError {
    return new StepwellError("STEPWELL_RELAY_STOPPING", `${this.#options.address.text} ended the stream.`);
  }
}

function openCall(client: Client, token: string): ClientDuplexStream<Uint8Array, DeliverResponse> {
  const metadata = new Metadata();
  if (token !== "") metadata.set("authorization", `Bearer ${token}`);
  return client.makeBidiStreamRequest(
    RelayServiceService.deliver.path,
    ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength),
    (bytes: Buffer) => DeliverResponse.decode(bytes),
    metadata,
  );
}
