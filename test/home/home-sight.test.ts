import test from "ava";
import { changeOf, type HomeSight } from "../../src/home/home-sight.js";

const WELL: HomeSight = { home: "1:2", lock: "1:3", endpointFile: "1:4", socket: "1:5" };

const cases: readonly {
  readonly what: string;
  readonly now: Partial<HomeSight>;
  readonly locked: ReturnType<typeof changeOf>;
  /** Where the folder itself could not be locked, if it differs. */
  readonly unlocked?: ReturnType<typeof changeOf>;
}[] = [
  { what: "nothing changed", now: {}, locked: { kind: "none" } },
  {
    what: "the home is gone, and all in it",
    now: { home: "nothing", lock: "nothing", endpointFile: "nothing", socket: "nothing" },
    locked: { kind: "gone" },
  },
  { what: "another folder is in its place", now: { home: "1:9", lock: "1:8" }, locked: { kind: "gone" } },
  {
    what: "the disk fails",
    now: { home: "unknown", lock: "unknown", endpointFile: "unknown", socket: "unknown" },
    locked: { kind: "none" },
  },
  {
    what: "LevelDB's lock is gone",
    now: { lock: "nothing" },
    locked: { kind: "none" },
    unlocked: { kind: "unlocked" },
  },
  {
    what: "LevelDB's lock is another file",
    now: { lock: "1:9" },
    locked: { kind: "none" },
    unlocked: { kind: "unlocked" },
  },
  {
    what: "the endpoint file is gone",
    now: { endpointFile: "nothing" },
    locked: { kind: "unreachable", parts: ["endpoint file"] },
  },
  {
    what: "the socket is another",
    now: { socket: "1:9" },
    locked: { kind: "unreachable", parts: ["socket"] },
  },
  {
    what: "all but the home is gone",
    now: { lock: "nothing", endpointFile: "nothing", socket: "nothing" },
    locked: { kind: "unreachable", parts: ["endpoint file", "socket"] },
    unlocked: { kind: "unlocked" },
  },
];

test("what was gone at the first look already is made anew, too", (t) => {
  const now: HomeSight = { ...WELL, endpointFile: "nothing", socket: "nothing" };
  t.deepEqual(changeOf(now, now, true), { kind: "unreachable", parts: ["endpoint file", "socket"] });
});

for (const { what, now, locked, unlocked } of cases) {
  test(`what follows where ${what}`, (t) => {
    t.deepEqual(changeOf(WELL, { ...WELL, ...now }, true), locked);
    t.deepEqual(changeOf(WELL, { ...WELL, ...now }, false), unlocked ?? locked);
  });
}
