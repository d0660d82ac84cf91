/** Azure ML by its name: requests of at most 250 entries. The name is looked up here, so that it leads to this machine. */
import dns from "node:dns";
import test from "ava";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pack } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

const HOST = "westeurope.api.azureml.ms";
const PATH = "/mlflow/v1.0/subscriptions/s/resourceGroups/g/providers/p/workspaces/w";

const lookup = dns.lookup;
dns.lookup = ((host: string, ...rest: [never, never]) =>
  lookup(host === HOST ? "127.0.0.1" : host, ...rest)) as unknown as typeof lookup;

for (const [host, entriesMax] of [
  [HOST, 250],
  ["127.0.0.1", 1000],
] as const) {
  test(`${host} gets requests of at most ${entriesMax} entries`, async (t) => {
    const server = await ScriptedMlflow.start(t, { entriesMax });
    const sink = restSink(t, `${server.url.replace("127.0.0.1", host)}${PATH}`);
    const points = Array.from({ length: 2_600 }, (_, i) => ["loss", BigInt(i), BigInt(i), 0.5] as const);
    const params = Array.from({ length: 90 }, (_, index) => ({ key: `p${index}`, value: "v" }));
    const whole = pack(1, points, { params, tags: [{ key: "a", value: "b" }] });
    t.deepEqual(only(await sink.send([whole])), { kind: "delivered", refused: [] });
    const sizes = server.of("log-batch").map(({ body }) => {
      const { metrics, params: sent, tags } = JSON.parse(body) as Record<string, unknown[]>;
      return (metrics?.length ?? 0) + (sent?.length ?? 0) + (tags?.length ?? 0);
    });
    t.is(Math.max(...sizes), entriesMax);
    t.is(server.store.runs[0]?.points.length, points.length);
    t.is(server.store.runs[0]?.params.size, params.length);
  });
}
