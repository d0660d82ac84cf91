/** What goes wrong around relays, one way a round. Each way ends with all that it took away given back. */
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../support/until.js";
import { type KillPoint, RELAY_END_POINTS } from "../kill-point-names.js";
import { type MortalHome, TRACKER } from "../mortal-home.js";
import type { Random } from "../random.js";
import type { DatabasePair } from "./database-pair.js";
import { LINKS, type Link } from "./network.js";
import type { RelayPair } from "./relay-pair.js";

/** What a fault strikes. */
export interface Troubled {
  readonly random: Random;
  readonly database: DatabasePair;
  readonly relays: RelayPair;
  readonly home: MortalHome;
  /** The moments of relays' own at which some die. */
  readonly points: readonly KillPoint[];
  /** Where the descriptors of the protocol's first form are. */
  readonly firstProtocol: string;
  /** Resolves once each step has so many points more acknowledged. */
  readonly grow: (points: number) => Promise<void>;
  /** Resolves once points are in the database that are logged from here on. */
  readonly arrive: () => Promise<void>;
  /** Resolves once one more run has ended. */
  readonly endOne: () => Promise<void>;
  /** Says that a relay died at a moment of its own, or did not come there. */
  readonly died: (point: KillPoint, isMet: boolean) => void;
}

interface Way {
  /** Whether the replay window is to hold nearly nothing of what the database forgets. */
  readonly isBeyondWindow?: true;
  /** Whether no pack may be in doubt in such a round. */
  readonly leavesNoDoubt?: true;
  strike(troubled: Troubled): Promise<void>;
}

const AWAY_MS_MAX = 1_500;
const STOPPED_MS_MAX = 4_000;
/** Longer than a daemon waits for a ping's answer. */
const STOPPED_LONG_MS = 27_000;
const LONG_SHARE = 0.25;
const SMALL_WINDOWS = ["0", "2000"] as const;
const LAG_POINTS = 60;

const HITS_MAX = 2;
const VERSIONS = ["", "newer", "older"] as const;

const WAYS = {
  "a relay ends in good order": {
    leavesNoDoubt: true,
    async strike({ random, relays, database, grow }) {
      await database.setSynchronous(true);
      await database.holdStandby();
      await until(
        "a commit is on its way",
        () => database.waiting(),
        (count) => count > 0,
        { everyMs: 200 },
      );
      const index = await relays.busy();
      const ended = relays.finish(index);
      await sleep(random.between(0, AWAY_MS_MAX));
      await database.releaseStandby();
      const code = await ended;
      if (code !== 0) throw new Error(`a relay that was told to end ended with ${code}`);
      await grow(1);
      await relays.revive(index);
      await database.setSynchronous(false);
    },
  },
  "relays and daemons of several versions": {
    async strike({ random, relays, home, firstProtocol, arrive }) {
      const spoken = (version: (typeof VERSIONS)[number]) =>
        version === "older" ? `older ${firstProtocol}` : version;
      // What they speak from here on, whatever else goes wrong.
      const other = random.between(0, 1);
      await relays.setVersion(other, spoken(random.pick(["newer", "older"])));
      home.version = spoken(random.pick(VERSIONS));
      if (home.version !== "") await home.dieAndLiveOn(1);
      for (const index of [other, 1 - other]) {
        await relays.leadTo(index);
        await arrive();
      }
      relays.aimAtAll();
    },
  },
  "relays die at moments of their own": {
    async strike({ random, relays, points, arrive, died }) {
      const index = random.between(0, 1);
      for (const point of points) {
        // It ends but once.
        const hits = RELAY_END_POINTS.some((each) => each === point) ? 1 : random.between(1, HITS_MAX);
        // What is in doubt then the other one is told, until this one is there again.
        died(point, await relays.dieAt(index, point, hits));
      }
      await arrive();
      await relays.revive(index);
      relays.aimAtAll();
    },
  },
  "a relay is killed": {
    async strike({ random, relays, grow }) {
      const victim = random.between(0, 1);
      await relays.kill(victim);
      await sleep(random.between(0, AWAY_MS_MAX));
      await grow(1);
      await relays.revive(victim);
    },
  },
  "a relay is stopped and goes on": {
    async strike({ random, relays }) {
      const victim = random.between(0, 1);
      const isLong = random.chance(LONG_SHARE);
      relays.freeze(victim, !isLong);
      await sleep(isLong ? STOPPED_LONG_MS : random.between(STOPPED_MS_MAX / 4, STOPPED_MS_MAX));
      relays.thaw(victim);
    },
  },
  "connections are cut": {
    async strike({ random, relays }) {
      for (let cuts = random.between(2, 6); cuts > 0; cuts--) {
        await sleep(random.between(0, 400));
        random.pick(relays.ways).cut();
      }
    },
  },
  "PostgreSQL is stopped at once": {
    async strike({ random, database }) {
      await database.stopAtOnce(random.between(0, AWAY_MS_MAX));
    },
  },
  "links go down, and nobody is told": {
    async strike({ random, relays }) {
      const indexes = random.pick([[0], [1], [0, 1]]);
      const links = random.pick<readonly Link[]>([["front"], ["back"], LINKS]);
      const comeBack = await relays.cutOff(indexes, links);
      const isLong = random.chance(LONG_SHARE);
      await sleep(isLong ? STOPPED_LONG_MS : random.between(STOPPED_MS_MAX / 4, STOPPED_MS_MAX));
      await comeBack();
    },
  },
  "mlflow db upgrade": {
    async strike({ database }) {
      await database.upgrade();
    },
  },
  "credentials change": {
    async strike({ random, relays, database, home, grow }) {
      const password = `p${random.between(1, 2 ** 31)}`;
      await database.setPassword(password);
      await grow(20);
      relays.setPassword(password);
      const token = `t${random.between(1, 2 ** 31)}`;
      relays.setToken(token);
      relays.way.cut();
      await grow(20);
      await home.stage.here("experiment-tracker", "update", TRACKER, `--tracking_token=${token}`);
    },
  },
  "failover to a synchronous standby": {
    async strike({ database, grow }) {
      await database.setSynchronous(true);
      await grow(LAG_POINTS);
      await database.failOver(false);
    },
  },
  "failover to a standby that lags": {
    async strike({ database, home, random, grow, endOne }) {
      await database.holdStandby();
      await grow(LAG_POINTS);
      // Nothing more is sent of it: only who asks finds out that the standby does not have it.
      await endOne();
      await home.flush();
      if (random.chance(0.3)) await home.dieAndLiveOn(random.between(1, 2));
      await database.failOver(true);
    },
  },
  "failover to a standby that lags, beyond the replay window": {
    isBeyondWindow: true,
    async strike({ database, home, random, grow }) {
      home.environment = { STEPWELL_REPLAY_WINDOW_BYTES: random.pick(SMALL_WINDOWS) };
      await home.dieAndLiveOn(1);
      await grow(LAG_POINTS);
      // Every run that goes on has a cursor behind all that is told already: nothing is told twice.
      await home.flush();
      await database.holdStandby();
      await grow(LAG_POINTS);
      await home.flush();
      // A start begins another segment: what was delivered leaves a small window.
      await home.dieAndLiveOn(random.between(1, 2));
      await grow(LAG_POINTS / 2);
      await home.flush();
      await database.failOver(true);
      await home.flush();
      home.environment = {};
      await home.dieAndLiveOn(1);
    },
  },
} as const satisfies Readonly<Record<string, Way>>;

/** The name of one of the ways. */
export type Fault = keyof typeof WAYS;
export const FAULTS: Readonly<Record<Fault, Way>> = WAYS;
export const FAULT_NAMES = Object.keys(WAYS) as Fault[];
