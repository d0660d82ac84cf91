/** Whatever waits or ends on the way to a server goes by the monotonic clock: the wall clock is set, and nothing changes. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import test from "ava";
import { exchange } from "../../src/mlflow/exchange.js";
import { TokenSource } from "../../src/mlflow/oauth.js";
import { RateLimit } from "../../src/mlflow/rate.js";
import { SetClock } from "../support/clock.js";

const DAY_MS = 86_400_000;
const HOUR_S = 3_600;

for (const days of [-1, 1]) {
  test(`a token lives as long as its server said, with a clock that is set by ${days} days`, async (t) => {
    const clock = new SetClock();
    const tokens = new TokenSource(clock);
    let asked = 0;
    const get = () =>
      tokens.get({ clientId: "id", clientSecret: "secret" }, async () => {
        const body = JSON.stringify({ access_token: `token-${++asked}`, expires_in: HOUR_S });
        return { kind: "answered", status: 200, headers: {}, body, isCut: false };
      });
    t.is(await get(), "token-1");
    clock.jump(days * DAY_MS);
    t.is(await get(), "token-1", "neither taken for old, nor kept for longer");
    clock.move((HOUR_S * 1000) / 2);
    t.is(await get(), "token-1");
    clock.move((HOUR_S * 1000) / 2);
    t.is(await get(), "token-2", "time has passed");
  });

  test(`a rate's pause is neither skipped nor drawn out by a clock that is set by ${days} days`, async (t) => {
    const clock = new SetClock();
    const limit = new RateLimit(100, clock);
    await limit.take();
    let hasPassed = false;
    const next = limit.take().then(() => {
      hasPassed = true;
    });
    clock.jump(days * DAY_MS);
    await new Promise((resolve) => setTimeout(resolve, 30));
    t.false(hasPassed, "no time has passed");
    clock.move(1_000);
    await next;
    t.true(hasPassed);
  });

  test(`an exchange's times are none of a clock that is set by ${days} days meanwhile`, async (t) => {
    const clock = new SetClock();
    let finish: () => void = () => undefined;
    const server = createServer((_, response) => {
      response.writeHead(200);
      response.flushHeaders();
      finish = () => response.end("{}");
    });
    t.teardown(() => server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const times: unknown[] = [];
    const open = () => {
      const sent = request({ host: "127.0.0.1", port, agent: false });
      // Once its head is there, and before its body.
      sent.once("response", () =>
        setImmediate(() => {
          clock.jump(days * DAY_MS);
          finish();
        }),
      );
      return sent;
    };
    const bounds = { timeoutMs: 60_000, answerBytesMax: 1_000 };
    const running = exchange(open, undefined, bounds, clock, (...each) => times.push(each));
    t.like(await running.answer, { kind: "answered", status: 200, body: "{}" });
    t.deepEqual(times, [[0, 0]]);
  });
}
