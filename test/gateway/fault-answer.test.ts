import test from "ava";
import { AbsenceWatch } from "../../src/gateway/absence.js";
import { answerFault } from "../../src/gateway/fault-answer.js";
import { RequestFault } from "../../src/gateway/requests/request-fault.js";
import { ApiDown } from "../../src/gateway/tracker-api.js";
import { GATEWAY_BLINK_MS } from "../../src/model/limits.js";

const PYTHON = "mlflow-python-client/3.17.2";

/** What is answered where a tracker has been away for that long. */
function answered(awayMs: number, userAgent: string) {
  let nowMs = 1_000;
  const watch = new AbsenceWatch({ nowMs: () => nowMs, monotonicMs: () => nowMs });
  watch.note();
  nowMs += awayMs;
  const {
    kind: _,
    body,
    ...answer
  } = answerFault(new ApiDown("It is away.", { absence: watch.note() }), userAgent) as {
    kind: "text";
    body: string;
  };
  return { ...answer, code: (JSON.parse(body) as { error_code: string }).error_code };
}

const code = "TEMPORARILY_UNAVAILABLE";

test("of a tracker that has just gone everybody is told to ask again in a moment", (t) => {
  const soon = { status: 503, code, headers: { "retry-after": "1" } };
  t.deepEqual(answered(GATEWAY_BLINK_MS - 1, PYTHON), soon);
  t.deepEqual(answered(0, "curl/8"), soon);
});

test("of one that has been away for a while MLflow's Python client is told with a status that it takes at once", (t) => {
  t.deepEqual(answered(GATEWAY_BLINK_MS, PYTHON), { status: 424, code });
  t.deepEqual(answered(GATEWAY_BLINK_MS, "curl/8"), { status: 503, code, headers: {} });
});

test("a tracker that was back is a new absence the next time", (t) => {
  let nowMs = 0;
  const watch = new AbsenceWatch({ nowMs: () => nowMs, monotonicMs: () => nowMs });
  t.is(watch.note(), "new");
  nowMs = GATEWAY_BLINK_MS;
  t.is(watch.note(), "lasting");
  watch.end();
  t.is(watch.note(), "new");
});

test("what is no absence keeps its status, whoever asks", (t) => {
  for (const fault of [new RequestFault("INTERNAL_ERROR", "x"), new ApiDown("x")])
    t.like(answerFault(fault, PYTHON), { status: fault.status });
});
