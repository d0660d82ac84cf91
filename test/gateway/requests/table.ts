/**
 * Requests of the four calls that log, and of a run's update, byte by byte as clients send them, and as no client should. RUN stands for the
 * run's id. Where the gateway's answer is another than the server's on purpose, the entry says which and why.
 */

/** What is asked, and what the gateway says where that differs from the server. */
export interface ExactRequest {
  readonly name: string;
  readonly call: "log-metric" | "log-batch" | "log-parameter" | "set-tag" | "update";
  readonly body: string;
  readonly contentType?: string;
  /** The gateway's own answer: the server says 200 here and drops what it was sent, or breaks. */
  readonly gateway?: { readonly status: number; readonly says: RegExp };
}

/** MLflow's server answers 200 and stores something else, or nothing. */
const DROPPED = { status: 400, says: /Invalid value .* for parameter '.*' supplied/ } as const;

/** MLflow's server fails, with a page of HTML and a status that its clients ask again for. */
const BROKEN = { status: 400, says: /INVALID_PARAMETER_VALUE/ } as const;

const metric = (name: string, body: string, more: Partial<ExactRequest> = {}): ExactRequest => ({
  ...{ name, call: "log-metric", body, ...more },
});
const batch = (name: string, body: string, more: Partial<ExactRequest> = {}): ExactRequest => ({
  ...{ name, call: "log-batch", body, ...more },
});
const param = (name: string, body: string, more: Partial<ExactRequest> = {}): ExactRequest => ({
  ...{ name, call: "log-parameter", body, ...more },
});
const tag = (name: string, body: string, more: Partial<ExactRequest> = {}): ExactRequest => ({
  ...{ name, call: "set-tag", body, ...more },
});
const update = (name: string, fields: string, more: Partial<ExactRequest> = {}): ExactRequest => ({
  ...{ name, call: "update", body: `{"run_id":"RUN",${fields}}`, ...more },
});
/** A point whose step, or another field, is written so. */
const point = (name: string, fields: string, more: Partial<ExactRequest> = {}): ExactRequest =>
  metric(name, `{"run_id":"RUN",${fields}}`, more);
const keyed = (count: number, each: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => each(index)).join(",");

/** Java's client 2.17.2: protobuf's JsonFormat, indented, int64 as texts. */
const JAVA: readonly ExactRequest[] = [
  metric(
    "java: log-metric",
    '{\n  "key": "j1",\n  "value": 0.5,\n  "timestamp": "1700000000123",\n  "step": "7",\n  "run_id": "RUN",\n  "run_uuid": "RUN"\n}',
  ),
  metric(
    "java: log-metric, not a number",
    '{\n  "key": "j2",\n  "value": "NaN",\n  "timestamp": "1700000000123",\n  "step": "0",\n  "run_id": "RUN"\n}',
  ),
  metric(
    "java: log-metric, infinite",
    '{\n  "key": "j3",\n  "value": "-Infinity",\n  "timestamp": "1700000000123",\n  "step": "-3",\n  "run_id": "RUN"\n}',
  ),
  param(
    "java: log-parameter",
    '{\n  "key": "jp",\n  "value": "0.1",\n  "run_id": "RUN",\n  "run_uuid": "RUN"\n}',
  ),
  tag("java: set-tag", '{\n  "key": "jt",\n  "value": "é漢",\n  "run_id": "RUN",\n  "run_uuid": "RUN"\n}'),
  batch(
    "java: log-batch",
    '{\n  "run_id": "RUN",\n  "metrics": [{\n    "key": "jb",\n    "value": 1.0,\n    "timestamp": "1700000000124",\n    "step": "1"\n  }, {\n    "key": "jb",\n    "value": 2.0,\n    "timestamp": "1700000000125",\n    "step": "9223372036854775807"\n  }],\n  "params": [{\n    "key": "jbp",\n    "value": "v"\n  }],\n  "tags": [{\n    "key": "jbt",\n    "value": "w"\n  }]\n}',
  ),
];

/** R's client: jsonlite with auto_unbox over texts, a number as R prints it. */
const R: readonly ExactRequest[] = [
  metric(
    "r: log-metric",
    '{"run_uuid":"RUN","run_id":"RUN","key":"r1","value":"0.25","timestamp":"1700000001000","step":"1e+05"}',
  ),
  metric(
    "r: log-metric, a small value",
    '{"run_uuid":"RUN","run_id":"RUN","key":"r2","value":"1e-05","timestamp":"1.7e+12","step":"0"}',
  ),
  metric(
    "r: log-metric, not a number",
    '{"run_uuid":"RUN","run_id":"RUN","key":"r3","value":"NaN","timestamp":"1700000001000","step":"0"}',
  ),
  metric(
    "r: log-metric, infinite",
    '{"run_uuid":"RUN","run_id":"RUN","key":"r4","value":"Inf","timestamp":"1700000001000","step":"0"}',
  ),
  metric(
    "r: log-metric, infinite below",
    '{"run_uuid":"RUN","run_id":"RUN","key":"r5","value":"-Inf","timestamp":"1700000001000","step":"0"}',
  ),
  metric(
    "r: log-metric, nothing known",
    '{"run_uuid":"RUN","run_id":"RUN","key":"r6","value":"NA","timestamp":"1700000001000","step":"0"}',
  ),
  param("r: log-parameter", '{"run_uuid":"RUN","run_id":"RUN","key":"rp","value":"TRUE"}'),
  tag("r: set-tag", '{"run_uuid":"RUN","run_id":"RUN","key":"rt","value":"x y"}'),
  batch(
    "r: log-batch",
    '{"run_id":"RUN","metrics":[{"key":"rb","value":"3","timestamp":"1700000001001","step":"5"}],"params":[{"key":"rbp","value":"1"}],"tags":[{"key":"rbt","value":"2"}]}',
  ),
];

/** Python's own, compact and indented. */
const PYTHON: readonly ExactRequest[] = [
  metric(
    "python: log-metric",
    '{"run_uuid": "RUN", "key": "p1", "value": 0.1, "timestamp": 1700000002000, "step": 3, "run_id": "RUN"}',
  ),
  batch(
    "python: log-batch",
    '{"run_id": "RUN", "metrics": [{"key": "p2", "value": "NaN", "timestamp": 1700000002000, "step": 9007199254740993}], "params": [], "tags": []}',
  ),
  batch("python: log-batch of nothing", '{"run_id": "RUN"}'),
  metric(
    "an old client's: JSON in a JSON text",
    JSON.stringify('{"run_id":"RUN","key":"old","value":1,"timestamp":1}'),
  ),
];

/** Steps, times and values, however they are written. */
const NUMBERS: readonly ExactRequest[] = [
  point("a step that is a text", '"key":"n1","value":1,"timestamp":1,"step":"5"'),
  point("a step that is a whole double", '"key":"n2","value":1,"timestamp":1,"step":5.0'),
  point("a step that is a whole double in a text", '"key":"n3","value":1,"timestamp":1,"step":"5.0"'),
  point("a step with a part", '"key":"n4","value":1,"timestamp":1,"step":2.5', { gateway: DROPPED }),
  point("a step with a part in a text", '"key":"n5","value":1,"timestamp":1,"step":"2.5"'),
  point("a step that is no number", '"key":"n6","value":1,"timestamp":1,"step":"abc"'),
  point("a step that is null", '"key":"n7","value":1,"timestamp":1,"step":null'),
  point("a step that is true", '"key":"n8","value":1,"timestamp":1,"step":true', { gateway: DROPPED }),
  point("a step that is a list", '"key":"n9","value":1,"timestamp":1,"step":[1]', { gateway: BROKEN }),
  point("a step that is empty", '"key":"n10","value":1,"timestamp":1,"step":""'),
  point("a step beyond 64 bits", '"key":"n11","value":1,"timestamp":1,"step":9223372036854775808', {
    gateway: DROPPED,
  }),
  point("the least step", '"key":"n12","value":1,"timestamp":1,"step":-9223372036854775808'),
  point("a value that is true", '"key":"n13","value":true,"timestamp":1'),
  point("a value that is no number", '"key":"n14","value":"abc","timestamp":1'),
  point("a value that is null", '"key":"n15","value":null,"timestamp":1'),
  point("a value that is a list", '"key":"n16","value":[1],"timestamp":1', { gateway: BROKEN }),
  point("a value in a text with spaces", '"key":"n17","value":" 1.5 ","timestamp":1'),
  point("a value with underscores", '"key":"n18","value":"1_000","timestamp":1'),
  point("a value beyond doubles", '"key":"n19","value":1e400,"timestamp":1', { gateway: DROPPED }),
  point("a bare NaN", '"key":"n20","value":NaN,"timestamp":1', {
    gateway: { status: 400, says: /have to be quoted/ },
  }),
  point("a time that is a text", '"key":"n21","value":1,"timestamp":"12"'),
  point("a time that is negative", '"key":"n22","value":1,"timestamp":-1'),
  point("a time that is null", '"key":"n23","value":1,"timestamp":null'),
  point("no time", '"key":"n24","value":1'),
  point("no value", '"key":"n25","timestamp":1'),
  point("a value of minus nothing", '"key":"n26","value":-0.0,"timestamp":1'),
];

const NAMES: readonly ExactRequest[] = [
  point("no key", '"value":1,"timestamp":1'),
  point("an empty key", '"key":"","value":1,"timestamp":1'),
  point("a key that is a number", '"key":5,"value":1,"timestamp":1'),
  point("a key with a bad character", '"key":"a#b","value":1,"timestamp":1'),
  point("a key that leads elsewhere", '"key":"a/../b","value":1,"timestamp":1'),
  point("a key of another script", '"key":"größe/漢","value":1,"timestamp":1'),
  point("a key of 250 characters", `"key":"${"k".repeat(250)}","value":1,"timestamp":1`),
  point("a key of 251 characters", `"key":"${"k".repeat(251)}","value":1,"timestamp":1`),
  metric("no run", '{"key":"m","value":1,"timestamp":1}'),
  metric("a run that is a number", '{"run_id":5,"key":"m","value":1,"timestamp":1}'),
  metric(
    "a run that is not there",
    '{"run_id":"0123456789abcdef0123456789abcdef","key":"m","value":1,"timestamp":1}',
  ),
  metric("nothing at all", ""),
  metric("a list", "[]", { gateway: BROKEN }),
  metric("half of it", '{"run_id":"RUN","key":"m"'),
  metric("a form", "run_id=RUN&key=m&value=1&timestamp=1", {
    contentType: "application/x-www-form-urlencoded",
  }),
  point("a field that nobody knows", '"key":"x1","value":1,"timestamp":1,"what":{"a":[1]}'),
];

const TEXTS: readonly ExactRequest[] = [
  param("a param", '{"run_id":"RUN","key":"a","value":"1"}'),
  param("the same param again", '{"run_id":"RUN","key":"a","value":"1"}'),
  param("a param that is a number", '{"run_id":"RUN","key":"b","value":1}'),
  param("a param that is null", '{"run_id":"RUN","key":"c","value":null}'),
  param("a param without a value", '{"run_id":"RUN","key":"d"}'),
  param("a param of nothing", '{"run_id":"RUN","key":"e","value":""}'),
  param("a param without a key", '{"run_id":"RUN","value":"1"}'),
  param("a param with a bad key", '{"run_id":"RUN","key":"a*b","value":"1"}'),
  param("a long param", `{"run_id":"RUN","key":"long","value":"${"é".repeat(6001)}"}`),
  tag("a tag", '{"run_id":"RUN","key":"a","value":"1"}'),
  tag("a tag that is a number", '{"run_id":"RUN","key":"b","value":1}'),
  tag("a tag without a value", '{"run_id":"RUN","key":"d"}'),
  tag("a tag without a key", '{"run_id":"RUN","value":"1"}'),
  tag("a tag with a bad key", '{"run_id":"RUN","key":"a*b","value":"1"}'),
  tag("a tag with a long key", `{"run_id":"RUN","key":"${"k".repeat(251)}","value":"1"}`),
  tag("a long tag", `{"run_id":"RUN","key":"long","value":"${"😀".repeat(8001)}"}`),
];

const BATCHES: readonly ExactRequest[] = [
  batch(
    "a bad key in the midst",
    '{"run_id":"RUN","metrics":[{"key":"ok","value":1,"timestamp":1},{"key":"a#b","value":1,"timestamp":1}]}',
  ),
  batch(
    "a bad value in the midst",
    '{"run_id":"RUN","metrics":[{"key":"ok2","value":1,"timestamp":1},{"key":"x","value":"abc","timestamp":1}]}',
    { gateway: DROPPED },
  ),
  batch(
    "a step with a part in the midst",
    '{"run_id":"RUN","metrics":[{"key":"ok3","value":1,"timestamp":1},{"key":"x","value":1,"timestamp":1,"step":2.5}],"params":[{"key":"lost","value":"1"}]}',
    { gateway: DROPPED },
  ),
  batch("metrics that are no list", '{"run_id":"RUN","metrics":{"key":"x"}}'),
  batch("metrics that are null", '{"run_id":"RUN","metrics":null}', {
    gateway: { status: 200, says: /^\{\}$/ },
  }),
  batch("a metric that is a text", '{"run_id":"RUN","metrics":["x"]}', { gateway: BROKEN }),
  batch("a metric without a time", '{"run_id":"RUN","metrics":[{"key":"x","value":1}]}'),
  batch("a metric without a value", '{"run_id":"RUN","metrics":[{"key":"x","timestamp":1}]}'),
  batch("a negative time", '{"run_id":"RUN","metrics":[{"key":"x","value":1,"timestamp":-5}]}'),
  batch("a param that is a number", '{"run_id":"RUN","params":[{"key":"x","value":1}]}', {
    gateway: DROPPED,
  }),
  batch(
    "the same param twice",
    '{"run_id":"RUN","params":[{"key":"twice","value":"1"},{"key":"twice","value":"1"}]}',
  ),
  batch("a param with a bad key", '{"run_id":"RUN","params":[{"key":"x*","value":"1"}]}'),
  batch("a tag with a bad key", '{"run_id":"RUN","tags":[{"key":"x*","value":"1"}]}'),
  batch("a tag without a key", '{"run_id":"RUN","tags":[{"value":"1"}]}'),
  batch("the same tag twice", '{"run_id":"RUN","tags":[{"key":"t2","value":"1"},{"key":"t2","value":"2"}]}'),
  batch("no run", '{"metrics":[]}'),
  batch("the old name of the run", '{"run_uuid":"RUN","metrics":[]}'),
  batch("a run's id that can't be one", '{"run_id":"a/b","metrics":[]}'),
  batch(
    "1001 metrics",
    `{"run_id":"RUN","metrics":[${keyed(1001, (i) => `{"key":"m","value":${i},"timestamp":${i}}`)}]}`,
  ),
  batch("101 params", `{"run_id":"RUN","params":[${keyed(101, (i) => `{"key":"p${i}","value":"1"}`)}]}`),
  batch("101 tags", `{"run_id":"RUN","tags":[${keyed(101, (i) => `{"key":"t${i}","value":"1"}`)}]}`),
  batch(
    "1000 metrics and a param",
    `{"run_id":"RUN","params":[{"key":"more","value":"1"}],"metrics":[${keyed(1000, (i) => `{"key":"m","value":${i},"timestamp":${i}}`)}]}`,
  ),
  batch(
    "1000 metrics",
    `{"run_id":"RUN","metrics":[${keyed(1000, (i) => `{"key":"m","value":${i},"timestamp":${i},"step":${i}}`)}]}`,
  ),
];

/** Of characters that are four bytes each: 5.6 MB. */
const LARGEST = batch(
  "the longest params and tags, as many as there may be",
  `{"run_id":"RUN","params":[${keyed(100, (i) => `{"key":"longest${i}","value":"${"😀".repeat(6000)}"}`)}],"tags":[${keyed(100, (i) => `{"key":"longest${i}","value":"${"😀".repeat(8000)}"}`)}]}`,
);

const NO_STATUS = { gateway: { status: 400, says: /A run can't have the status/ } } as const;
const UPDATES: readonly ExactRequest[] = [
  update("an end's time alone", '"end_time":1700000002000'),
  update("an end without a time, which it has", '"status":"FINISHED"'),
  update("an end's time of one that has ended", '"end_time":"1700000003000"'),
  update("a status by its number", '"status":4,"end_time":1700000004000'),
  update("a status by its number, as a text", '"status":"5"'),
  update("one that goes on, with an end's time", '"status":1,"end_time":1700000005000'),
  update("a status that is null, and a name", '"status":null,"run_name":"another"'),
  update("a status of a number that there is not", '"status":9'),
  // The one is kept as it is, of the other nothing is, and all is well.
  update("a status that no run has that begins", '"status":"SCHEDULED"', NO_STATUS),
  update("a status that there is not", '"status":"ODD","end_time":1700000006000', NO_STATUS),
];

export const EXACT_REQUESTS: readonly ExactRequest[] = [
  ...JAVA,
  ...R,
  ...PYTHON,
  ...NUMBERS,
  ...NAMES,
  ...TEXTS,
  ...BATCHES,
  ...UPDATES,
  LARGEST,
];
