/** The user's command itself, by a real shell. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { tellByCommand } from "../../src/home/notify-command.js";
import { scratchFolder } from "../support/folder.js";
import { until } from "../support/until.js";

const env = { PATH: process.env["PATH"] };
const event = (text: string) => ({ event: "run_failed" as const, text, run_name: text });

test("it gets JSON and one sentence, and nothing of them is ever a part of its line", async (t) => {
  const folder = await scratchFolder(t);
  const hostile = `a'b"; touch ${join(folder, "pwned")}; $(touch ${join(folder, "pwned")})\n\0x`;
  const told = { events: [event(hostile), event("second")], more: 4 };
  const line = `cat >${folder}/json; printf %s "$STEPWELL_NOTIFY_TEXT" >${folder}/text`;
  t.is(await tellByCommand(line, told, env), undefined);
  const got = JSON.parse(readFileSync(join(folder, "json"), "utf8")) as typeof told;
  t.deepEqual([got.events, got.more], [told.events, 4]);
  t.regex(readFileSync(join(folder, "text"), "utf8"), /^Stepwell: a'b"; touch .* x And 5 more\.$/);
  t.false(existsSync(join(folder, "pwned")));
});

test("one that fails, reads nothing or takes too long is an answer, and what it started ends with it", async (t) => {
  const folder = await scratchFolder(t);
  const told = { events: [event("x".repeat(100_000))], more: 0 };
  t.is(await tellByCommand("exit 7", told, env), "it exited with 7");
  t.is(await tellByCommand("true", told, env), undefined);
  const pid = join(folder, "pid");
  t.is(await tellByCommand(`sleep 600 & echo $! >${pid}; wait`, told, env, 300), "it took more than 0.3 s");
  // Where nobody waits for the orphans of a container it stays as a zombie.
  const isGone = () => {
    const id = Number(readFileSync(pid, "utf8"));
    try {
      process.kill(id, 0);
    } catch {
      return true;
    }
    const stat = `/proc/${id}/stat`;
    return existsSync(stat) && / Z /.test(readFileSync(stat, "utf8"));
  };
  await until("the end of what it started", isGone, Boolean);
});
