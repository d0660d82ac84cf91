/** A daemon's stream to a relay by hand, so that a test can say what no sink would. */
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { DeliverRequest, DeliverResponse, RelayServiceService } from "../../src/gen/stepwell/v1/relay.js";
import type { Pack } from "../../src/model/pack.js";
import { encodePack } from "../../src/sinks/relay/pack-message.js";
import { until } from "../support/until.js";
import { HOME_ID } from "./relay.js";

type Answer = NonNullable<DeliverResponse["message"]>;
type ValueOf<Kind extends Answer["$case"]> = Extract<Answer, { $case: Kind }>["value"];

export class RawStream {
  readonly answers: Answer[] = [];
  /** How it ended: the code of the trailing metadata, or gRPC's status. */
  readonly ended: Promise<string>;
  readonly call: ClientDuplexStream<Uint8Array, DeliverResponse>;
  readonly #client: Client;

  constructor(port: number, token = "") {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    const metadata = new Metadata();
    if (token !== "") metadata.set("authorization", `Bearer ${token}`);
    this.call = this.#client.makeBidiStreamRequest(
      RelayServiceService.deliver.path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => DeliverResponse.decode(bytes),
      metadata,
    );
    this.call.on("data", ({ message }: DeliverResponse) => {
      if (message) this.answers.push(message);
    });
    this.ended = new Promise((resolve) => {
      this.call.on("error", (error: ServiceError) =>
        resolve(error.metadata?.get("stepwell-code")[0]?.toString() ?? `status ${error.code}`),
      );
      this.call.on("end", () => resolve("ended"));
    });
  }

  open(homeId = HOME_ID, versions = { protocolMin: 1, protocolMax: 1 }): void {
    this.say({ $case: "open", value: { ...versions, daemonVersion: "0.1.0", homeId } });
  }

  say(message: DeliverRequest["message"]): void {
    this.raw(DeliverRequest.encode({ message }).finish());
  }

  pack(number: number, pack: Pack, knownWrites = 0): void {
    if (!pack.start) throw new Error("a pack has a start");
    this.raw(encodePack(pack, pack.start, { number, knownWrites, run: undefined, parents: new Map() }));
  }

  raw(bytes: Uint8Array): void {
    this.call.write(bytes);
  }

  /** The answers of a kind. */
  all<Kind extends Answer["$case"]>(kind: Kind): ValueOf<Kind>[] {
    return this.answers.filter(({ $case }) => $case === kind).map(({ value }) => value as ValueOf<Kind>);
  }

  /** The first answer of a kind that fits, now or later. */
  async answer<Kind extends Answer["$case"]>(
    kind: Kind,
    fits: (value: ValueOf<Kind>) => boolean = () => true,
  ): Promise<ValueOf<Kind>> {
    const [found] = await until(
      `a ${kind} that fits`,
      () => this.all(kind).filter(fits),
      (all) => all.length > 0,
      { withinMs: 60_000, everyMs: 5 },
    );
    return found as unknown as ValueOf<Kind>;
  }

  /** What became of a pack. */
  async outcome(number: number) {
    return (await this.answer("outcome", (value) => value.number === BigInt(number))).result;
  }

  close(): void {
    this.call.on("error", () => undefined);
    this.call.cancel();
    this.#client.close();
  }
}
