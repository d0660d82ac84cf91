/** The page while it is open: what is told and typed becomes state, state becomes cells, and what is in view is read. */
import { constants } from "node:os";
import { EXIT } from "../../errors/row.js";
import type { WatchedRun } from "../../gen/stepwell/v1/curves.js";
import { systemClock } from "../../home/clock.js";
import { CurveReader } from "../../reading/curve-reader.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { isUnicode } from "../output/screen.js";
import { Feed } from "./feed.js";
import { frameOf } from "./frame.js";
import { clicked, pressed } from "./keys.js";
import { layoutOf } from "./layout.js";
import { has256Colors, signsOf } from "./palette.js";
import { begun, chooses, type WatchState, withKeys, withNames, withRuns } from "./state.js";
import type { FullScreen } from "./terminal.js";

/** What is told many times a second is drawn a few times. */
const DRAW_MS = 40;
/** The first picture is a whole one where that takes no longer: each costs a tenth of a second when nothing is compiled yet. */
const FIRST_MS = 250;
/** Buckets of a column of dots: the least and the greatest of each are drawn. */
const BUCKETS_A_COLUMN = 2;
/** Points that are drawn one by one when few are in view: more than a large curve has dots. */
const POINTS_MAX = 2_000;
const POINT_CURVES_MAX = 12;
const ENDING = ["SIGTERM", "SIGHUP", "SIGINT"] as const;
/** How long a process takes to be stopped that is to be. */
const STOP_MS = 50;

export class WatchPage {
  readonly #feed: Feed;
  readonly #reader: CurveReader;
  readonly #terminal: FullScreen;
  readonly #signs: ReturnType<typeof signsOf>;
  #state: WatchState;
  #timer: NodeJS.Timeout | undefined;
  #drawnMs = 0;
  /** Until then the first picture may wait for what belongs on it. */
  #firstMs = 0;
  #isListed = false;
  #end: ((code: number) => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;

  /** Loads what draws, and opens nothing yet. */
  static async make(
    context: Context,
    connection: Connection,
    named: readonly WatchedRun[],
  ): Promise<WatchPage> {
    const { openTerminal } = await import("./terminal.js");
    return new WatchPage(context, connection, named, openTerminal);
  }

  private constructor(
    context: Context,
    connection: Connection,
    named: readonly WatchedRun[],
    openTerminal: typeof import("./terminal.js").openTerminal,
  ) {
    this.#state = begun(named);
    const hasColor = context.screen?.hasColor ?? false;
    const kind = context.env["TERM"] ?? "";
    const has256 = has256Colors(kind, context.env["COLORTERM"]);
    this.#signs = signsOf(isUnicode(context.env), hasColor && has256);
    this.#feed = new Feed(context, connection, {
      runs: (runs, isCurrent) =>
        this.#become({ ...withRuns(this.#state, runs), isCurrent: this.#state.isCurrent || isCurrent }),
      names: (names, gaps) => {
        this.#isListed = true;
        this.#become(withNames(this.#state, names, gaps));
      },
      keys: (keys, gaps, isAll) => {
        this.#become(withKeys(this.#state, keys, gaps, isAll));
        this.#reader.change(keys.map(({ key }) => key));
      },
      status: (status) => this.#become({ ...this.#state, status }),
      stands: (fault) => {
        this.#become({ ...this.#state, fault });
        if (fault === undefined) this.#reader.changeAll();
      },
      lost: () => this.#become({ ...chooses({ ...this.#state, runs: [] }, []), isFollowing: true }),
      ends: (error) => this.#fail?.(error),
    });
    this.#reader = new CurveReader({
      source: () => this.#feed.source,
      changed: () => this.#drawSoon(),
      failed: (error) => this.#feed.failed(error),
      ...{ pointsMax: POINTS_MAX, pointCurvesMax: POINT_CURVES_MAX },
    });
    this.#terminal = openTerminal({
      ...{ kind, hasColor, has256Colors: has256 },
      typed: (key) => this.#typed(key),
      clicked: (click) => this.#become(clicked(this.#state, click, this.#terminal.size), true),
      resized: () => this.#become(this.#state, true),
    });
  }

  /** Shows the page until somebody ends it; resolves to the exit code. The terminal is put back in any case. */
  async run(): Promise<number> {
    const over = new Promise<number>((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    const leave = () => this.#terminal.leave();
    const end = (signal: NodeJS.Signals) => this.#end?.(128 + constants.signals[signal]);
    const fail = (error: unknown) => this.#fail?.(error);
    process.on("exit", leave).on("uncaughtException", fail).on("unhandledRejection", fail);
    process.on("SIGTSTP", this.#stop).on("SIGCONT", this.#goOn);
    for (const signal of ENDING) process.on(signal, end);
    try {
      this.#terminal.enter();
      this.#firstMs = systemClock.monotonicMs() + FIRST_MS;
      this.#feed.start(this.#state.chosen);
      this.#look();
      return await over;
    } finally {
      clearTimeout(this.#timer);
      this.#feed.close();
      this.#terminal.leave();
      process.off("exit", leave).off("uncaughtException", fail).off("unhandledRejection", fail);
      process.off("SIGTSTP", this.#stop).off("SIGCONT", this.#goOn);
      for (const signal of ENDING) process.off(signal, end);
    }
  }

  #typed(key: string): void {
    const isTyping = this.#state.filterBefore !== undefined;
    if (key === "CTRL_C") return this.#end?.(128 + constants.signals.SIGINT);
    // The whole job, as a terminal does it: what started this command stops with it.
    if (key === "CTRL_Z") return void process.kill(0, "SIGTSTP");
    if (key === "CTRL_L") return this.#goOn();
    if (key === "q" && !isTyping && !this.#state.isHelp) return this.#end?.(EXIT.ok);
    this.#become(pressed(this.#state, key, this.#terminal.size), true);
  }

  /** Puts the terminal back and stops. Where nobody could let it go on, the system does not stop it. */
  readonly #stop = (): void => {
    this.#terminal.leave();
    process.off("SIGTSTP", this.#stop);
    process.kill(process.pid, "SIGTSTP");
    setTimeout(() => {
      process.on("SIGTSTP", this.#stop);
      this.#goOn();
    }, STOP_MS);
  };

  /** Takes the terminal again, whatever was shown on it since. */
  readonly #goOn = (): void => {
    this.#terminal.leave();
    this.#terminal.enter();
    this.#become(this.#state, true);
  };

  #become(state: WatchState, isUrgent = false): void {
    const before = this.#state;
    this.#state = state;
    if (before.chosen !== state.chosen) this.#feed.choose(state.chosen);
    this.#look();
    if (isUrgent) this.#draw();
    else this.#drawSoon();
  }

  /** Reads what is in view and not there yet. */
  #look(): void {
    const { cards, system } = layoutOf(this.#state, this.#terminal.size);
    const { chosen: runIds, axis, range } = this.#state;
    const dots = (cards[0]?.plot.width ?? 0) * this.#signs.dots.columns;
    const groups = [
      { keys: cards.map(({ key }) => key), buckets: dots * BUCKETS_A_COLUMN },
      { keys: system.map(({ key }) => key), buckets: system[0]?.sparkCells ?? 0 },
    ];
    this.#reader.look({ runIds, axis, range, groups });
  }

  #drawSoon(): void {
    if (!this.#end || (this.#timer !== undefined && this.#drawnMs > 0)) return;
    clearTimeout(this.#timer);
    const dueMs = this.#drawnMs > 0 || this.#isWhole() ? this.#drawnMs + DRAW_MS : this.#firstMs;
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, dueMs - systemClock.monotonicMs()));
  }

  /** Whether the curves of the newest run are there, or there are none. */
  #isWhole(): boolean {
    const { isCurrent, chosen, keyAt, fault } = this.#state;
    if (fault !== undefined || !isCurrent) return fault !== undefined;
    if (chosen.length === 0) return true;
    return this.#isListed && (keyAt === "" || this.#reader.get(keyAt, chosen[0] ?? "") !== undefined);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnMs = systemClock.monotonicMs();
    const { size } = this.#terminal;
    const curveOf = (key: string, runId: string) => this.#reader.get(key, runId);
    this.#terminal.draw(frameOf(this.#state, size, curveOf, this.#signs));
    this.#feed.follow();
  }
}
