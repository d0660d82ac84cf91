/** Relays that are of another version, or end their streams at an awkward moment. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ChannelCredentials, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import test from "ava";
import {
  type DeliverRequest,
  type DeliverResponse,
  RelayDurability,
  RelayServiceService,
} from "../../../src/gen/stepwell/v1/relay.js";
import { relayAddress } from "../../../src/sinks/relay/address.js";
import { IN_DOUBT } from "../../../src/sinks/relay/relay-sink.js";
import { RelayStream } from "../../../src/sinks/relay/relay-stream.js";
import { packFor, sinkTo, type Teardown } from "../../relay/relay.js";
import { AUTHORITY } from "../../support/certificates.js";

type Call = ServerDuplexStream<DeliverRequest, DeliverResponse>;

const INSECURE = { credentials: ChannelCredentials.createInsecure(), token: "" };
const BACKEND = {
  ...{ keepsCursors: true, backendId: "", timeline: "" },
  durability: RelayDurability.RELAY_DURABILITY_LOCAL,
};

function welcome(call: Call, protocol = 1): void {
  const value = {
    ...{ protocol, relayVersion: "99.0.0", relayId: "1", windowBytes: 100_000n },
    ...{ messageBytesMax: 100_000, backend: BACKEND },
  };
  call.write({ message: { $case: "welcome", value } });
}

/** A relay that does with each message what it is told; answers its address. */
async function scriptedRelay(
  t: Teardown,
  take: (call: Call, message: DeliverRequest["message"]) => void,
): Promise<string> {
  const server = new Server();
  server.addService(RelayServiceService, {
    deliver: (call: Call) => {
      call.on("error", () => undefined);
      call.on("data", ({ message }: DeliverRequest) => take(call, message));
      call.on("end", () => call.end());
    },
    probe: () => undefined,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  t.teardown(() => server.forceShutdown());
  return `grpc://127.0.0.1:${port}`;
}

test("a relay that goes on in a version of the protocol that the daemon does not speak gets no pack", async (t) => {
  const said: string[] = [];
  const uri = await scriptedRelay(t, (call, message) => {
    said.push(message?.$case ?? "");
    if (message?.$case === "open") welcome(call, 2);
  });
  const [outcome] = await sinkTo(t, uri).sink.send([packFor()]);
  t.like(outcome, { kind: "hold", code: "STEPWELL_VERSION_MISMATCH" });
  t.deepEqual(said, ["open"]);
});

test("packs without an outcome when their stream ends are said to be in doubt, and only those", async (t) => {
  const uri = await scriptedRelay(t, (call, message) => {
    if (message?.$case === "open") welcome(call);
    if (message?.$case === "pack") call.emit("error", Object.assign(new Error("gone"), { code: 14 }));
  });
  const said: unknown[] = [];
  const { sink } = sinkTo(t, uri, { log: (_level, message, facts) => void said.push([message, facts]) });
  const [outcome] = await sink.send([packFor()]);
  t.is(outcome?.kind, "retry");
  t.like(said, [[IN_DOUBT, { relay: uri, packs: 1, code: "STEPWELL_SERVER_UNREACHABLE" }]]);
  await sink.close();
  t.is(said.length, 1);
});

test("a pack that comes to a stream that was asked to go, and is over by then, goes over another one", async (t) => {
  const uri = await scriptedRelay(t, (call, message) => {
    if (message?.$case !== "open") return;
    welcome(call);
    call.write({ message: { $case: "drain", value: { withinMs: 1_000 } } });
  });
  const told = { onBackend: () => undefined, onDrain: () => undefined, onDoubt: () => t.fail() };
  const stream = new RelayStream({
    address: relayAddress(uri),
    ...INSECURE,
    homeId: "a".repeat(32),
    ...told,
  });
  await stream.over;
  t.deepEqual(await stream.deliver(() => new Uint8Array(1)), { kind: "retired" });
});

test("a connection that is cut before both sides know each other is the network's, and passes", async (t) => {
  const cutting = createServer((socket) => socket.once("data", () => socket.destroy()));
  cutting.listen(0, "127.0.0.1");
  await once(cutting, "listening");
  t.teardown(() => cutting.close());
  const { port } = cutting.address() as AddressInfo;
  const access = async () => ({
    credentials: ChannelCredentials.createSsl(Buffer.from(AUTHORITY)),
    token: "",
  });
  const [outcome] = await sinkTo(t, `grpcs://127.0.0.1:${port}`, { access }).sink.send([packFor()]);
  t.like(outcome, { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" });
});
