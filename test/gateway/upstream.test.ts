/** A server that says nothing costs one question at a time, however many programs ask. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import test from "ava";
import { ApiDown } from "../../src/gateway/tracker-api.js";
import { Upstream } from "../../src/gateway/upstream.js";
import type { FlowRequest } from "../../src/mlflow/http.js";
import type { Server } from "../../src/mlflow/server.js";
import { GATEWAY_DOWN_MS } from "../../src/model/limits.js";
import { SetClock } from "../support/clock.js";

const LOOK_MS = 50;
const PROGRAMS = 100;

test("of a hundred programs whose server hangs one waits for it, and the others know at once", async (t) => {
  // The timers of deadlines keep no process alive.
  const living = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(living));
  const clock = new SetClock();
  let flows = 0;
  let hangs = true;
  const flow = async ({ signal }: FlowRequest) => {
    flows += 1;
    if (hangs)
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("no answer")), { once: true });
      });
    const said = Object.assign(Readable.from([Buffer.from('{"is":"there"}')]), {
      statusCode: 200,
      headers: {},
    });
    return said as unknown as IncomingMessage;
  };
  const session = async () => ({ baseUrl: "http://x", flow });
  const upstream = new Upstream({ session } as unknown as Server, clock, LOOK_MS);
  const ask = () => upstream.ask("GET", "/api/2.0/mlflow/runs/get", {});
  const askAll = () => Promise.allSettled(Array.from({ length: PROGRAMS }, ask));
  await t.throwsAsync(ask(), { instanceOf: ApiDown });
  t.is((await askAll()).filter(({ status }) => status === "rejected").length, PROGRAMS);
  t.is(flows, 1, "nobody asks again so soon");
  clock.move(GATEWAY_DOWN_MS);
  await askAll();
  t.is(flows, 2, "one looks again for all");
  hangs = false;
  clock.move(GATEWAY_DOWN_MS);
  t.deepEqual((await ask()).body, { is: "there" });
  t.true((await askAll()).every(({ status }) => status === "fulfilled"));
});
