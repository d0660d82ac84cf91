import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { credentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import test from "ava";
import { protoPath } from "grpc-health-check";
import { MESSAGE_BYTES_MAX } from "../../src/model/limits.js";
import { ROOT, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

interface StatusJson {
  readonly queued_points: number;
  readonly journaled_points: number;
  readonly duplicate_batches: number;
  readonly producers_ended_without_closing: number;
  readonly lanes: readonly { readonly state: string; readonly last_error: string }[];
}

test("acknowledged points outlive SIGKILL of the daemon, and a producer goes on where it was", async (t) => {
  const home = await scratchHome(t);
  const runId = newRunId();
  const first = await home.startDaemon();
  const producer = new RawProducer(first.endpoint.endpoint);
  producer.hello();
  t.is((await producer.answer("welcome")).journaledSequence, 0n);
  producer.batch(1, runId, { runStart: startOf(["nowhere"]) });
  producer.batch(2, runId, { metrics: pointsOf("loss", 2500) });
  await producer.acknowledged(2);
  await first.end("SIGKILL");
  const second = await home.startDaemon();
  const again = new RawProducer(second.endpoint.endpoint, producer.producerId);
  again.hello({ epoch: 2n, firstUnacknowledgedSequence: 2n });
  t.is((await again.answer("welcome")).journaledSequence, 2n);
  again.batch(2, runId, { metrics: pointsOf("loss", 2500) });
  again.batch(3, runId, { metrics: pointsOf("loss", 10) });
  await again.acknowledged(3);
  again.close();
  t.is((await again.ended).status, status.OK);
  const report = (await home.json(["status"])) as StatusJson;
  t.is(report.journaled_points, 2510);
  t.is(report.queued_points, 2510);
  t.is(report.duplicate_batches, 1);
  t.is(report.producers_ended_without_closing, 0);
  t.is(report.lanes[0]?.state, "held", "there is no such tracker yet");
  t.regex(report.lanes[0]?.last_error ?? "", /STEPWELL_TRACKER_UNKNOWN.*experiment-tracker register/);
});

test("of two streams of one producer the higher epoch goes on and the other is fenced", async (t) => {
  const home = await scratchHome(t);
  const { endpoint } = (await home.startDaemon()).endpoint;
  const old = new RawProducer(endpoint);
  old.hello({ epoch: 5n });
  await old.answer("welcome");
  const next = new RawProducer(endpoint, old.producerId);
  next.hello({ epoch: 6n });
  await next.answer("welcome");
  t.deepEqual(await old.ended, { status: status.FAILED_PRECONDITION, code: "STEPWELL_PRODUCER_FENCED" });
  const late = new RawProducer(endpoint, old.producerId);
  late.hello({ epoch: 6n });
  t.is((await late.ended).code, "STEPWELL_PRODUCER_FENCED");
});

test("a gap is answered by Rewind once, and the batches behind it are not taken", async (t) => {
  const home = await scratchHome(t);
  const producer = new RawProducer((await home.startDaemon()).endpoint.endpoint);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf() });
  producer.batch(3, runId, { metrics: pointsOf("loss", 1) });
  producer.batch(4, runId, { metrics: pointsOf("loss", 1) });
  t.is((await producer.answer("rewind")).expectedSequence, 2n);
  producer.batch(2, runId, { metrics: pointsOf("loss", 1) });
  await producer.acknowledged(2);
  t.is(producer.answers.filter((answer) => answer.$case === "rewind").length, 1);
  t.is(((await home.json(["status"])) as StatusJson).journaled_points, 1);
});

test("a bad entry is refused with its code and the rest of its batch arrives", async (t) => {
  const home = await scratchHome(t);
  const producer = new RawProducer((await home.startDaemon()).endpoint.endpoint);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), params: [{ key: "lr", value: "0.1" }] });
  producer.batch(2, runId, {
    params: [
      { key: "lr", value: "0.2" },
      { key: "lr", value: "0.1" },
    ],
    metrics: [...pointsOf("a\nb", 3), ...pointsOf("x".repeat(251), 1), ...pointsOf("good", 7)],
    tags: [{ key: "../up", value: "" }],
  });
  await producer.acknowledged(2);
  const rejections = producer.answers.flatMap((answer) =>
    answer.$case === "rejection" ? [answer.value] : [],
  );
  t.deepEqual(
    rejections.map(({ code, entries }) => [code, entries]),
    [
      ["STEPWELL_PARAM_CHANGED", 1],
      ["STEPWELL_KEY_INVALID", 3],
      ["STEPWELL_KEY_INVALID", 1],
      ["STEPWELL_KEY_INVALID", 1],
    ],
  );
  t.true(rejections.every((rejection) => rejection.remedy.length > 0));
  t.is(((await home.json(["status"])) as StatusJson).journaled_points, 7);
});

test("text that is not UTF-8, from a foreign client, is refused alone", async (t) => {
  const home = await scratchHome(t);
  const producer = new RawProducer((await home.startDaemon()).endpoint.endpoint);
  producer.hello();
  const runId = newRunId();
  producer.batch(1, runId, { runStart: startOf() });
  const batch = new BinaryWriter()
    .tag(1, WireType.Varint)
    .uint64(2)
    .tag(2, WireType.LengthDelimited)
    .string(runId);
  for (const key of [Buffer.from([0xc3, 0x28]), Buffer.from("good")]) {
    batch.tag(6, WireType.LengthDelimited).fork();
    batch.tag(1, WireType.LengthDelimited).bytes(key).tag(2, WireType.LengthDelimited).string("value").join();
  }
  producer.raw(new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(batch.finish()).finish());
  await producer.acknowledged(2);
  const rejections = producer.answers.filter((answer) => answer.$case === "rejection");
  t.is(rejections.length, 1);
  t.like(rejections[0]?.value, { code: "STEPWELL_TEXT_MALFORMED", index: 0 });
});

test("an oversized message and one that is no message end their own stream and harm nobody else", async (t) => {
  const home = await scratchHome(t);
  const { endpoint } = (await home.startDaemon()).endpoint;
  const [healthy, large, huge, garbled, mute] = Array.from({ length: 5 }, () => new RawProducer(endpoint));
  if (!healthy || !large || !huge || !garbled || !mute) throw new Error("unreachable");
  const runId = newRunId();
  for (const producer of [healthy, large, huge, garbled]) {
    producer.hello();
    await producer.answer("welcome");
  }
  healthy.batch(1, runId, { runStart: startOf() });
  large.raw(new Uint8Array(MESSAGE_BYTES_MAX + 1));
  huge.raw(new Uint8Array(MESSAGE_BYTES_MAX * 5));
  garbled.raw(Buffer.from([0x12, 0xff, 0xff]));
  mute.batch(1, runId, {});
  t.deepEqual(await large.ended, { status: status.RESOURCE_EXHAUSTED, code: "STEPWELL_MESSAGE_TOO_LARGE" });
  t.is((await huge.ended).status, status.RESOURCE_EXHAUSTED);
  t.is((await garbled.ended).code, "STEPWELL_BATCH_MALFORMED");
  t.is((await mute.ended).code, "STEPWELL_HANDSHAKE_INVALID");
  healthy.batch(2, runId, { metrics: pointsOf("loss", 5) });
  await healthy.acknowledged(2);
  t.is(((await home.json(["status"])) as StatusJson).journaled_points, 5);
});

/** Every service of the protocol's files. */
function serviceNames(): string[] {
  const folder = `${ROOT}/proto/stepwell/v1`;
  const texts = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, "utf8"));
  return texts
    .flatMap((text) => [...text.matchAll(/^service (\w+)/gm)].map(([, name]) => `stepwell.v1.${name}`))
    .sort();
}

test("a client without generated code finds the services by reflection and calls them", async (t) => {
  const home = await scratchHome(t);
  const { endpoint } = (await home.startDaemon()).endpoint;
  type Untyped = Record<string, new (...args: unknown[]) => Record<string, (...args: unknown[]) => unknown>>;
  const protoOf = (file: string, include: string) =>
    loadPackageDefinition(loadSync(file, { includeDirs: [include] }));
  const packages = protoOf("stepwell/v1/daemon.proto", `${ROOT}/proto`) as unknown as {
    stepwell: { v1: Untyped };
  };
  const options = { "grpc.default_authority": "localhost" };
  const Daemon = packages.stepwell.v1["DaemonService"];
  if (!Daemon) throw new Error("no DaemonService");
  const client = new Daemon(endpoint, credentials.createInsecure(), options);
  const info = await new Promise((resolve, reject) => {
    client["GetInfo"]?.({}, (error: Error | null, answer: unknown) =>
      error ? reject(error) : resolve(answer),
    );
  });
  t.like(info, { home: home.paths.home, version: "0.1.0" });
  const folder = `${ROOT}/node_modules/@grpc/reflection/build/proto`;
  type Answer = { listServicesResponse: { service: { name: string }[] } };
  for (const version of ["v1", "v1alpha"]) {
    const reflection = protoOf(`grpc/reflection/${version}/reflection.proto`, folder) as unknown as {
      grpc: { reflection: Record<string, Untyped> };
    };
    const Reflection = reflection.grpc.reflection[version]?.["ServerReflection"];
    if (!Reflection) throw new Error("no ServerReflection");
    const call = new Reflection(endpoint, credentials.createInsecure(), options)[
      "ServerReflectionInfo"
    ]?.() as {
      write(request: object): void;
      on(event: string, listener: (answer: Answer) => void): void;
      end(): void;
    };
    call.write({ listServices: "*" });
    call.end();
    const names = await new Promise<string[]>((resolve, reject) => {
      const found: string[] = [];
      call.on("data", (answer) => found.push(...answer.listServicesResponse.service.map(({ name }) => name)));
      call.on("error", reject);
      call.on("end", () => resolve(found));
    });
    const ours = names.filter((name) => name.startsWith("stepwell.v1."));
    t.deepEqual(ours.sort(), serviceNames(), version);
  }
});

test("gRPC's health service says that the daemon serves, and that it does so no more when it ends", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  interface Health {
    check(request: { service: string }, done: (error: Error | null, answer?: object) => void): void;
    list(request: object, done: (error: Error | null, answer?: object) => void): void;
    watch(request: { service: string }): AsyncIterable<{ status: string }>;
  }
  const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as {
    grpc: { health: { v1: { Health: new (...args: unknown[]) => Health } } };
  };
  const options = { "grpc.default_authority": "localhost" };
  const { endpoint } = daemon.endpoint;
  const client = new loaded.grpc.health.v1.Health(endpoint, credentials.createInsecure(), options);
  const check = (service: string) => promisify(client.check.bind(client))({ service });
  // Both are asked before the library is there.
  const [first, unknown] = await Promise.allSettled([check(""), check("stranger")]);
  t.like(first, { status: "fulfilled", value: { status: "SERVING" } });
  t.like(unknown, { status: "rejected", reason: { code: status.NOT_FOUND } });
  t.like(await promisify(client.list.bind(client))({}), { statuses: { "": { status: "SERVING" } } });
  const seen: string[] = [];
  const watched = (async () => {
    for await (const answer of client.watch({ service: "" })) {
      seen.push(answer.status);
      if (seen.length === 1) daemon.child.kill("SIGTERM");
    }
  })();
  // The stream has no other end than the daemon's.
  await t.throwsAsync(watched);
  t.deepEqual(seen, ["SERVING", "NOT_SERVING"]);
});

test("who ended without closing, and of which run, is told by status and the doctor", async (t) => {
  const home = await scratchHome(t);
  const runId = newRunId();
  const producer = new RawProducer((await home.startDaemon()).endpoint.endpoint);
  const process = { bootId: "b", pidNamespace: 1n, pid: 4_711, startTicks: 1n };
  producer.hello({ process });
  producer.batch(1, runId, { runStart: startOf() });
  await producer.acknowledged(1);
  producer.cut();
  const { ended_producers: ended } = await until(
    "a producer has ended",
    async () => (await home.json(["status"])) as { ended_producers: Record<string, unknown>[] },
    ({ ended_producers }) => ended_producers.length > 0,
  );
  const producerId = Buffer.from(producer.producerId).toString("hex");
  t.like(ended[0], { producer_id: producerId, client_name: "test", pid: 4_711, run_id: runId });
  t.true(Math.abs(Number(ended[0]?.["ended_ms"]) - Date.now()) < 60_000);
  const { stdout } = await home.stepwell(["doctor", "-o", "json"]);
  const checks = JSON.parse(stdout) as { check: string; finding: string }[];
  t.regex(
    checks.find(({ check }) => check === "producers")?.finding ?? "",
    new RegExp(`^1 producer ended without closing.*test \\(pid 4711\\), run ${runId}, 20`),
  );
});
