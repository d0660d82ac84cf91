import { spawn } from "node:child_process";
import { once } from "node:events";
import test from "ava";
import { canExit, endInOrder, type Part } from "../../src/daemon/ending.js";
import { deadlineAfter } from "../../src/home/wait.js";

/** Parts that note in `ended` that they were asked to end. */
function partsOf(ended: string[], ends: Readonly<Record<string, () => Promise<unknown>>>): Part[] {
  return Object.entries(ends).map(([name, end]) => ({
    name,
    end: () => {
      ended.push(name);
      return end();
    },
  }));
}

const quick = async () => undefined;
const never = () => new Promise<never>(() => undefined);

test("a part that never ends is given up at the deadline and named, with those that rely on its end", async (t) => {
  const ended: string[] = [];
  const parts = partsOf(ended, { streams: quick, sinks: never, journal: quick });
  t.deepEqual(await endInOrder(parts, deadlineAfter(200)), { kind: "hangs", part: "sinks" });
  t.deepEqual(ended, ["streams", "sinks"]);
});

test("parts that end are ended in their order, each after the one before", async (t) => {
  const ended: string[] = [];
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended.push("streams are gone");
  };
  const parts = partsOf(ended, { streams: slow, journal: quick });
  t.deepEqual(await endInOrder(parts, deadlineAfter(600_000)), { kind: "whole" });
  t.deepEqual(ended, ["streams", "streams are gone", "journal"]);
});

test("a part that fails ends the end", async (t) => {
  const parts = partsOf([], { journal: () => Promise.reject(new Error("EIO")) });
  await t.throwsAsync(endInOrder(parts, deadlineAfter(600_000)), { message: "EIO" });
});

test("a request that a thread carries out for ever holds the exit; one that ends does not", async (t) => {
  t.false(await canExit(() => ["Timeout", "FSReqCallback"]));
  t.false(await canExit(() => ["GetAddrInfoReqWrap"]));
  t.true(await canExit(() => ["Timeout", "TTYWrap", "PipeWrap"]));
  let looks = 0;
  t.true(await canExit(() => (looks++ === 0 ? ["FSReqPromise"] : [])));
});

test("a main thread that hangs is no hindrance: the process is gone by the limit", async (t) => {
  const module = new URL("../../src/daemon/ending.js", import.meta.url).href;
  const hang = `import { endBy } from ${JSON.stringify(module)};
    endBy(-4_000);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", hang], { stdio: "inherit" });
  t.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
});
