/** The vectors of clients/contract: what is taken, and arrives as it was given; what is refused, and by which code. */
import { readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { type Run, StepwellClient, StepwellClientError } from "../src/index.js";
import { RecordingServer } from "./support/recording-server.js";

interface Vector {
  readonly name: string;
  readonly text?: string;
  readonly times?: number;
  readonly number?: string;
  readonly bits?: string;
  readonly utf16?: string;
  /** The code that refuses it; it is taken without. */
  readonly code?: string;
}

// Beside the sources; the tests run from build/.
const FOLDER = new URL("../../../../clients/contract/", import.meta.url);
const vectors = read<Record<string, readonly Vector[]>>("vectors.json");
const errors = read<{ codes: Record<string, { remedy: string }> }>("errors.json");

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Content;
}

function listOf(kind: string): readonly Vector[] {
  const list = vectors[kind] ?? [];
  if (list.length < 3) throw new Error(`the contract has ${list.length} ${kind}`);
  return list;
}

const textOf = ({ text = "", times = 1 }: Vector) => text.repeat(times);
const doubleOf = ({ bits = "" }: Vector) => Buffer.from(bits, "hex").readDoubleBE();

function judge(t: ExecutionContext, what: string, code: string | undefined, call: () => unknown): void {
  if (code === undefined) {
    t.notThrows(call, what);
    return;
  }
  const error = t.throws(call, { instanceOf: StepwellClientError }, what);
  t.is(error?.code, code as string, what);
  t.is(error?.remedy ?? "", errors.codes[code]?.remedy ?? "none", what);
}

async function withRun(work: (run: Run, client: StepwellClient) => void): Promise<RecordingServer> {
  const server = await RecordingServer.start();
  const client = new StepwellClient({ endpoint: server.endpoint });
  work(client.startRun(), client);
  await client.flush();
  await client.close();
  server.stop();
  return server;
}

test("texts are refused at the call with the contract's code, or arrive as they were given", async (t) => {
  const kinds: Record<string, (run: Run, client: StepwellClient, text: string) => unknown> = {
    keys: (run, _, text) => run.logMetric(text, 1),
    params: (run, _, text) =>
      run.logParam(`p${listOf("params").findIndex((one) => textOf(one) === text)}`, text),
    tags: (run, _, text) => run.setTag("t", text),
    run_ids: (_, client, text) => client.startRun({ runId: text }),
    experiment_names: (_, client, text) => client.startRun({ experimentName: text }),
    model_ids: (run, _, text) => run.logMetric("m", 1, { modelId: text }),
    statuses: (_, client, text) => client.startRun().end(text as "FINISHED"),
  };
  const server = await withRun((run, client) => {
    for (const [kind, give] of Object.entries(kinds))
      for (const vector of listOf(kind))
        judge(t, `${kind}: ${vector.name}`, vector.code, () => give(run, client, textOf(vector)));
  });
  const taken = (kind: string) =>
    listOf(kind)
      .filter(({ code }) => code === undefined)
      .map(textOf);
  for (const key of taken("keys")) t.is(server.points(key).length, 1, key);
  t.deepEqual(
    server.texts("params").map(({ value }) => value),
    taken("params"),
  );
  t.is(server.texts("tags").at(-1)?.value, taken("tags").at(-1));
});

test("texts that are no Unicode are refused at the call", async (t) => {
  await withRun((run) => {
    for (const { name, utf16 } of listOf("malformed_texts")) {
      if (utf16 === undefined) continue;
      const text = Buffer.from(utf16, "hex").swap16().toString("utf16le");
      for (const call of [
        () => run.logMetric(text, 1),
        () => run.logParam("p", text),
        () => run.setTag("t", text),
      ])
        judge(t, name, "STEPWELL_TEXT_MALFORMED", call);
    }
  });
});

test("whole numbers are int64, and arrive as they were given", async (t) => {
  const server = await withRun((run) => {
    for (const { name, number = "", code } of listOf("steps"))
      judge(t, name, code, () => run.logMetric("s", 1, { step: BigInt(number) }));
    for (const { name, number = "", code } of listOf("timestamps"))
      judge(t, name, code, () => run.logMetric("t", 1, { timestampMs: BigInt(number) }));
  });
  const taken = (kind: string) =>
    listOf(kind)
      .filter(({ code }) => code === undefined)
      .map(({ number = "" }) => BigInt(number));
  t.deepEqual(
    server.points("s").map(({ step }) => step),
    taken("steps"),
  );
  t.deepEqual(
    server.points("t").map(({ timestampMs }) => timestampMs),
    taken("timestamps"),
  );
});

test("every double arrives as it was given", async (t) => {
  const server = await withRun((run) => {
    for (const vector of listOf("values")) run.logMetric("v", doubleOf(vector));
  });
  // Object.is tells 0 from -0, and takes NaN for itself.
  t.deepEqual(
    server.points("v").map(({ value }) => value),
    listOf("values").map(doubleOf),
  );
});
