/** What is pushed by OTLP, as a collector gets it. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import anyTest, { type ExecutionContext } from "ava";
import type { MetricsConfig, PushConfig } from "../../src/home/metrics-config.js";
import { showRelay } from "../../src/metrics/start.js";
import { RelayTally } from "../../src/relay/relay-tally.js";
import { SetClock } from "../support/clock.js";
import { keptLog } from "../support/logs.js";
import { bodyOf } from "../support/request-body.js";
import { until } from "../support/until.js";

// One after the other: the SDK reads the environment of the process.
const test = anyTest.serial;

interface Pushed {
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

interface Point {
  readonly asDouble?: number;
  readonly count?: number;
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

interface MetricJson {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly aggregationTemporality: number; readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly aggregationTemporality: number; readonly dataPoints: readonly Point[] };
}

interface PushedJson {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly MetricJson[] }[];
  }[];
}

/** The SDK tries for so long, and keeps the process meanwhile. */
const NOBODY_THERE = { OTEL_EXPORTER_OTLP_TIMEOUT: "500" };

async function collector(t: ExecutionContext, status = () => 200) {
  const pushed: Pushed[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((bytes) => {
      pushed.push({ path: request.url ?? "", headers: request.headers, body: (bytes ?? "").toString() });
      response.writeHead(status(), { "content-type": "application/json" }).end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { pushed, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Shows metrics with these variables, and no other that the SDK would read. */
async function showWith(
  t: ExecutionContext,
  env: Readonly<Record<string, string>>,
  push: Partial<PushConfig>,
  { listen, againMs }: { readonly listen?: MetricsConfig["listen"]; readonly againMs?: number } = {},
) {
  for (const [name, value] of Object.entries(env)) process.env[name] = value;
  t.teardown(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
  const tally = new RelayTally();
  const { log, messages } = keptLog();
  const config: MetricsConfig = {
    ...{ listen, tokenFile: undefined },
    push: { protocol: "http/json", intervalMs: 60, timeoutMs: 60, endpoint: "http://127.0.0.1:1", ...push },
  };
  const snapshot = () => ({
    ...{ tally, streams: 2, windowBytes: 1_000, waitingPacks: 0, tenants: { limited: 0, over: 0 } },
  });
  const clock = new SetClock();
  const shown = await showRelay({
    config,
    instanceId: "a".repeat(32),
    snapshot,
    clock,
    log,
    ...(againMs === undefined ? {} : { againMs }),
  });
  t.teardown(() => shown.close());
  return { tally, messages, shown, clock };
}

function metricsOf({ body }: Pushed, name: string): MetricJson | undefined {
  const { resourceMetrics } = JSON.parse(body) as PushedJson;
  return resourceMetrics[0]?.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .find((each) => each.name === name);
}

test("numbers are pushed under their own names, with units, to where the variables say and with their headers", async (t) => {
  const { pushed, url } = await collector(t);
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otlp`,
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=abc",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=lab",
  };
  const { tally, messages } = await showWith(t, env, {});
  tally.groups = 3;
  tally.commits.add(20);
  const seen = await until(
    "a push of the groups",
    () => pushed.at(-1),
    (last) =>
      last !== undefined && metricsOf(last, "stepwell.relay.groups")?.sum?.dataPoints[0]?.asDouble === 3,
  );
  if (!seen) return t.fail();
  t.is(seen.path, "/otlp/v1/metrics");
  t.like(seen.headers, { "api-key": "abc" });
  const commits = metricsOf(seen, "stepwell.relay.commit.duration");
  t.is(commits?.unit, "s");
  t.is(commits?.histogram?.aggregationTemporality, 2, "cumulative");
  t.is(commits?.histogram?.dataPoints[0]?.count, 1);
  const [{ resource } = { resource: { attributes: [] } }] = (JSON.parse(seen.body) as PushedJson)
    .resourceMetrics;
  const said = Object.fromEntries(
    resource.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  t.like(said, { "service.name": "stepwell-relay", "deployment.environment": "lab" });
  t.deepEqual(messages, ["metrics are pushed"]);
});

test("a collector that wants differences gets each once", async (t) => {
  const { pushed, url } = await collector(t);
  const env = {
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/v1/metrics`,
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta",
  };
  const { tally, shown } = await showWith(t, env, {});
  const sent = () => {
    let groups = 0;
    let commits = 0;
    for (const each of pushed) {
      const { sum } = metricsOf(each, "stepwell.relay.groups") ?? {};
      const { histogram } = metricsOf(each, "stepwell.relay.commit.duration") ?? {};
      t.is(sum?.aggregationTemporality, 1, "delta");
      t.is(histogram?.aggregationTemporality, 1, "delta");
      groups += sum?.dataPoints[0]?.asDouble ?? 0;
      commits += histogram?.dataPoints[0]?.count ?? 0;
    }
    return { groups, commits };
  };
  for (let round = 1; round <= 3; round++) {
    tally.groups += 2;
    tally.commits.add(1);
    await until("the difference", sent, ({ groups }) => groups === 2 * round);
  }
  tally.groups += 1;
  await shown.close();
  t.deepEqual(sent(), { groups: 7, commits: 3 }, "the end pushes the rest");
});

test("by gRPC, too", async (t) => {
  const pushed: Buffer[] = [];
  const same = (bytes: Buffer) => bytes;
  const definition = {
    ...{ path: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" },
    ...{ requestStream: false, responseStream: false, requestSerialize: same, requestDeserialize: same },
    ...{ responseSerialize: same, responseDeserialize: same },
  };
  const take: handleUnaryCall<Buffer, Buffer> = (call, answer) => {
    pushed.push(call.request);
    answer(null, Buffer.alloc(0));
  };
  const server = new Server();
  server.addService({ export: definition }, { export: take });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  t.teardown(() => server.forceShutdown());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  const { messages } = await showWith(t, env, { protocol: "grpc" });
  await until(
    "a push",
    () => pushed.length,
    (count) => count > 0,
  );
  t.true(pushed[0]?.includes("stepwell.relay.groups"));
  t.deepEqual(messages, ["metrics are pushed"]);
});

test("a collector that is away is said once, with nothing of its address, and so is that it is back", async (t) => {
  let status = 400;
  const { pushed, url } = await collector(t, () => status);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/path-of-mine` };
  const { messages, shown } = await showWith(t, env, { protocol: "http/protobuf" });
  await until(
    "pushes",
    () => pushed.length,
    (count) => count > 3,
  );
  t.deepEqual(messages, ["metrics are pushed", "metrics can't be pushed"]);
  t.deepEqual(shown.faults, [
    "Metrics can't be pushed by OTLP: OTLPExporterError 400; look at OTEL_EXPORTER_OTLP_ENDPOINT.",
  ]);
  status = 200;
  await until(
    "that it is back",
    () => messages,
    (all) => all.length === 3,
  );
  t.is(messages[2], "metrics are pushed again");
  t.deepEqual(shown.faults, []);
});

test("an endpoint that is no address is said, without it, and what can be read stays so", async (t) => {
  for (const [protocol, endpoint] of [
    ["http/protobuf", "no url with s3cret"],
    ["http/json", "htp://user:s3cret@x:1"],
    ["grpc", "no url with s3cret"],
  ] as const) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    const more = { listen: { host: "127.0.0.1", port: 0 }, againMs: 60_000 };
    const { shown, messages } = await showWith(t, env, { protocol, endpoint }, more);
    t.deepEqual(shown.faults, [
      "Metrics can't be pushed by OTLP: the endpoint is no address; look at OTEL_EXPORTER_OTLP_ENDPOINT.",
    ]);
    t.deepEqual(messages, ["metrics can be read", "metrics can't be pushed"]);
    t.is((await fetch(shown.url)).status, 200);
    // A relay does not start, and leaves nothing that listens.
    await t.throwsAsync(showWith(t, env, { protocol, endpoint }), { message: "the endpoint is no address" });
  }
  const env = { ...NOBODY_THERE, OTEL_EXPORTER_OTLP_ENDPOINT: "127.0.0.1:1" };
  const { shown } = await showWith(t, env, { protocol: "grpc", endpoint: "127.0.0.1:1" });
  t.is(shown.url, "");
});

test("another machine without TLS is warned of", async (t) => {
  const { messages } = await showWith(t, NOBODY_THERE, { endpoint: "http://collector.example:4318" });
  t.true(messages.includes("metrics are pushed to another machine in plain text"));
  const { messages: encrypted } = await showWith(t, NOBODY_THERE, {
    endpoint: "https://collector.example:4318",
  });
  t.false(encrypted.includes("metrics are pushed to another machine in plain text"));
});
