/**
 * Bounds that only work together. Each row says why one is not above, or is below, the other: who changes
 * a number meets here what hangs on it.
 */
import { readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { STOP_MS_MAX } from "../../src/cli/daemon/stop-daemon.js";
import { KEYCHAIN_CALL_MS_MAX, PASSPHRASE_CALL_MS_MAX } from "../../src/home/wait.js";
import { CLIENT_LIMITS } from "../../src/model/client-limits.js";
import * as limits from "../../src/model/limits.js";

type Row = readonly [left: number, sign: "<" | "<=", right: number, why: string];

function hold(t: ExecutionContext, rows: readonly Row[]): void {
  for (const [left, sign, right, why] of rows)
    t.true(sign === "<" ? left < right : left <= right, `${left} ${sign} ${right}: ${why}`);
}

/** Of the Python client. */
function pythonLimit(name: string): number {
  const text = readFileSync("clients/python/src/stepwell/limits.py", "utf8");
  const value = new RegExp(`^${name} = ([\\d._ *]+)$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`the Python client has no ${name}`);
  return value.split("*").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
}

test("the largest message gets through every bound on its way to the disk", (t) => {
  const { MESSAGE_BYTES_MAX: message } = limits;
  hold(t, [
    [message, "<=", limits.UNACKNOWLEDGED_BYTES_MAX, "else a client may never send it"],
    [message, "<=", limits.GROUP_BYTES_MAX, "one fsync takes it"],
    [message, "<=", limits.PENDING_BYTES_MAX, "else it waits for room that never comes"],
    [message, "<=", limits.SEGMENT_BYTES_MAX, "else each has a segment of its own"],
    [message, "<", limits.JOURNAL_QUOTA_BYTES_MIN, "else the least journal is full with it alone"],
    [2 * message, "<=", limits.DEAD_LETTERS_BYTES_MAX, "its letters, in base64, can be parked"],
    [CLIENT_LIMITS.MESSAGE_BYTES_MIN.value, "<=", message, "clients count on it"],
    [
      CLIENT_LIMITS.BATCH_BYTES_MAX.value,
      "<=",
      CLIENT_LIMITS.MESSAGE_BYTES_MIN.value,
      "what a client gathers is one message, at every daemon",
    ],
  ]);
});

test("what one client may have under way is a part of what all may have", (t) => {
  hold(t, [
    [
      limits.UNACKNOWLEDGED_BYTES_MAX,
      "<",
      limits.INTAKE_BYTES_MAX,
      "one window does not keep the others out",
    ],
    [
      limits.PREPARED_BYTES_MAX,
      "<=",
      limits.UNACKNOWLEDGED_BYTES_MAX,
      "no more than this is there to prepare",
    ],
    [limits.CONNECTION_STREAMS_MAX, "<", limits.GREETING_STREAMS_MAX, "one connection can't take all places"],
    [limits.GREETING_STREAMS_MAX, "<", limits.STREAMS_MAX, "who says nothing can't take all places"],
    [
      limits.INTAKE_SMALL_BYTES * limits.STREAMS_MAX,
      "<=",
      limits.INTAKE_BYTES_MAX,
      "what passes above the bound for all takes no more than that bound again",
    ],
    [limits.INTAKE_LOOK_MS, "<", limits.MESSAGE_STALL_MS, "a stall is seen within its time"],
    [
      limits.MESSAGE_STALL_MS,
      "<",
      limits.MESSAGE_WHOLE_MS,
      "a message that moves gets longer than one that stalls",
    ],
  ]);
});

test("a segment is sealed before LevelDB compacts it, and comes back to the disk", (t) => {
  hold(t, [
    [
      limits.SEGMENT_BYTES_MAX + limits.GROUP_BYTES_MAX,
      "<",
      4 * limits.SEGMENT_WRITE_BUFFER_BYTES,
      "LevelDB compacts at four tables; the last group may go beyond the bound",
    ],
    [
      limits.SEGMENT_DRAINED_BYTES_MAX,
      "<",
      limits.SEGMENT_BYTES_MAX,
      "else an idle journal keeps a whole one",
    ],
    [limits.SEGMENT_FULL_BYTES_MAX, "<", limits.SEGMENT_DRAINED_BYTES_MAX, "a full journal gives up sooner"],
    [limits.SEGMENT_BYTES_MAX, "<", limits.REPLAY_WINDOW_BYTES, "a segment that is larger is never kept"],
    [
      limits.REPLAY_WINDOW_BYTES,
      "<",
      limits.JOURNAL_QUOTA_BYTES,
      "the window is room that new entries can have",
    ],
  ]);
});

test("a full disk leaves room to come back", (t) => {
  hold(t, [
    [
      limits.STORE_ROOM_BYTES_MIN + limits.SEGMENT_WRITE_BUFFER_BYTES,
      "<=",
      limits.RESERVE_BYTES,
      "the state store and the journal are opened with it",
    ],
    [
      limits.RESERVE_ROOM_TIMES * limits.RESERVE_BYTES,
      "<=",
      limits.HEADROOM_BYTES_MAX,
      "what a full journal leaves is enough to make the reserve again",
    ],
  ]);
});

test("a record is taken by a server as one request", (t) => {
  const escapedTwice = 12;
  const { KEY_CODE_POINTS_MAX: key, TAG_VALUE_CODE_POINTS_MAX: value } = limits;
  hold(t, [
    [limits.RECORD_ENTRIES_MAX, "<=", limits.LOG_BATCH_ENTRIES_MAX, "a cursor stands between two records"],
    [limits.RECORD_TEXTS_MAX, "<=", limits.LOG_BATCH_PARAMS_MAX, "the same for params"],
    [limits.RECORD_TEXTS_MAX, "<=", limits.LOG_BATCH_TAGS_MAX, "the same for tags"],
    [limits.PARAM_VALUE_CODE_POINTS_MAX, "<=", value, "the longest text is a tag's"],
    [
      escapedTwice * (key + value),
      "<",
      limits.LOG_BATCH_BYTES_MAX,
      "no text is too large for a request of its own",
    ],
    [
      limits.AZURE_ML_ENTRIES_MAX,
      "<=",
      limits.LOG_BATCH_ENTRIES_MAX,
      "a narrower server gets less, not more",
    ],
    [limits.LOG_BATCH_MODEL_POINTS_MAX, "<=", limits.LOG_BATCH_ENTRIES_MAX, "the same for points of models"],
  ]);
});

test("a request's deadlines lie inside one another", (t) => {
  const gunicornKeepAliveMs = 2_000;
  hold(t, [
    [
      limits.KEEP_ALIVE_IDLE_MS,
      "<",
      gunicornKeepAliveMs,
      "we close an idle connection before the server does",
    ],
    [limits.CONNECT_MS_MAX, "<", limits.ANSWER_MS_MAX, "a connection is a part of a request"],
    [limits.QUICK_PACK_MS, "<", limits.SLOW_REQUEST_MS, "nothing is quick and slow"],
    [limits.SLOW_REQUEST_MS, "<", limits.ANSWER_MS_MAX, "who hangs gives its place up before it is given up"],
    [limits.SERVER_REQUESTS_MAX, "<=", limits.QUICK_SERVER_REQUESTS_MAX, "a quick server gets more"],
    [limits.LATE_LOOK_MS, "<", limits.LATE_MS, "what comes late is looked for in that time"],
    [limits.RETRY_WAIT_MS_MAX, "<=", limits.RETRY_AFTER_MS_MAX, "a server may ask for more than we wait"],
  ]);
});

test("an end is waited for longer than it may take", (t) => {
  hold(t, [
    [2 * limits.CALLS_END_MS, "<", limits.END_MS_MAX, "a sink waits twice for its requests"],
    [limits.END_MS_MAX, "<", STOP_MS_MAX, "the command waits until the daemon gave up what hangs"],
  ]);
});

test("what is looked at now and then is looked at in time", (t) => {
  hold(t, [
    [
      2 * limits.HOME_LOOK_MS,
      "<",
      limits.HOME_GONE_MS,
      "a home is looked for several times before it is gone",
    ],
    [limits.STORE_LOOK_MS, "<", limits.REPLAY_WINDOW_MS, "what a store forgot is there when that is noticed"],
  ]);
});

test("a process is called lost after all that it may still say", (t) => {
  const [flushMs, callMs] = [1_000 * pythonLimit("STEP_FLUSH_SECONDS"), 1_000 * pythonLimit("CALL_SECONDS")];
  hold(t, [
    [limits.LEASE_LOOK_MS, "<", limits.LEASE_SETTLE_MS, "an end is seen before its streams are given up"],
    [limits.LEASE_SETTLE_MS, "<", limits.LEASE_RETURN_MS, "streams are given up before their process is"],
    [limits.RUN_END_PROMPT_MS, "<", limits.RUN_END_WAIT_MS, "a note is left before the command gives up"],
    [limits.RUN_END_WAIT_MS, "<", limits.RUN_END_WITHOUT_NOTE_MS, "without a note it tries longer"],
    [limits.RUN_END_WAIT_MS, "<", limits.END_NOTE_MS, "the daemon takes a note once its writer has given up"],
    [flushMs + callMs, "<", limits.END_NOTE_MS, "the same for a step in Python"],
  ]);
});

test("who asks for a password is waited for", (t) => {
  hold(t, [
    [limits.KEYCHAIN_MS_MAX, "<", KEYCHAIN_CALL_MS_MAX, "a call hears what the keychain answered"],
    [limits.PASSPHRASE_MS_MAX, "<", PASSPHRASE_CALL_MS_MAX, "a call hears what the passphrase opened"],
    [
      Math.max(limits.DOCTOR_FACTS_MS_MAX, limits.KEYCHAIN_MS_MAX) + limits.DOCTOR_STORES_MS_MIN,
      "<=",
      limits.DOCTOR_MS_MAX,
      "the doctor has time for stores after either",
    ],
    [
      limits.TEST_ANSWER_MS_MAX,
      "<",
      limits.DOCTOR_MS_MAX,
      "a server that says nothing is found within a visit",
    ],
    [
      limits.SECRET_BYTES_MAX,
      "<",
      limits.PROGRAM_ANSWER_CHARACTERS_MAX,
      "the longest secret comes back whole",
    ],
  ]);
});
