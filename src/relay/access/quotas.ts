/**
 * What tenants with a limit may bring to the backend now. The limit is one over all relays: its bucket is in the
 * backend (model/budget.ts), and this relay takes a quarter of a second of it at a time, for all tenants with one
 * statement. What a pack takes beyond that is a debt, paid out of what is taken next: a pack is never too large.
 *
 * A tenant that is over its limit waits: its streams get a smaller window and are asked to send nothing for a while.
 */
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { type Amounts, Buckets, type BudgetAsk } from "../../model/budget.js";
import type { Clock } from "../../model/clock.js";
import type { Log } from "../../model/log.js";
import type { Tenant } from "./settings.js";

/** How much is taken at a time, and how far apart two takings are. */
const LEASE_SECONDS = 0.25;
const TAKE_APART_MS = 100;
/** After a failure. */
const RETRY_MS = 1_000;
/** So long a tenant is over its limit after it got less than it asked for. */
const OVER_MS = 1_000;
/** So far apart its streams are told how to send: they may be thousands. */
const TELL_APART_MS = 500;

/** What waits of a tenant. */
export interface Backlog extends Amounts {
  readonly packs: number;
}

/** How the streams of a tenant are to send. */
export interface TenantPace {
  /** Bytes that all of them may have under way here. */
  readonly windowBytes: number;
  readonly retryAfterMs: number;
}

export type TakeBudgets = (asks: readonly BudgetAsk[]) => Promise<ReadonlyMap<string, Amounts>>;

export interface QuotasOptions {
  /** Undefined: the backend keeps no buckets, and each relay counts for itself. */
  readonly take: TakeBudgets | undefined;
  readonly backlogOf: (tenant: string) => Backlog;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody may go who could not. */
  readonly onRoom: () => void;
  /** Undefined: as fast as it likes. */
  readonly onPace: (tenant: string, pace: TenantPace | undefined) => void;
}

interface Budget {
  readonly limits: Pick<Tenant, "pointsPerSecond" | "bytesPerSecond">;
  /** Left here; below 0: a debt. Infinite where there is no limit. */
  points: number;
  bytes: number;
  /** More is wanted. */
  isAsking: boolean;
  overUntilMs: number;
  isOver: boolean;
  /** When its streams were told so last. */
  toldMs: number;
}

export class Quotas {
  readonly #options: QuotasOptions;
  readonly #take: TakeBudgets;
  readonly #budgets = new Map<string, Budget>();
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #isTaking = false;
  #tookMs = Number.NEGATIVE_INFINITY;
  #fault: StepwellError | undefined;
  #isClosed = false;

  constructor(options: QuotasOptions) {
    this.#options = options;
    const own = new Buckets();
    this.#take = options.take ?? (async (asks) => own.take(asks, options.clock.monotonicMs()));
  }

  /** Why nothing could be taken the last time. */
  get fault(): StepwellError | undefined {
    return this.#fault;
  }

  /** Tenants that have a limit, and those of them that are over it. */
  get counts(): { readonly limited: number; readonly over: number } {
    const budgets = [...this.#budgets.values()];
    return { limited: budgets.length, over: budgets.filter(({ isOver }) => isOver).length };
  }

  /** The tenants as they are now; what one had taken stays. */
  setTenants(tenants: readonly Tenant[]): void {
    const limited = tenants.filter(
      ({ pointsPerSecond, bytesPerSecond }) => pointsPerSecond !== undefined || bytesPerSecond !== undefined,
    );
    const names = new Set(limited.map(({ name }) => name));
    for (const [name, { isOver }] of this.#budgets) {
      if (names.has(name)) continue;
      this.#budgets.delete(name);
      if (isOver) this.#options.onPace(name, undefined);
    }
    for (const { name, pointsPerSecond, bytesPerSecond } of limited) {
      const known = this.#budgets.get(name);
      this.#budgets.set(name, {
        limits: { pointsPerSecond, bytesPerSecond },
        points: pointsPerSecond === undefined ? Number.POSITIVE_INFINITY : finite(known?.points),
        bytes: bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : finite(known?.bytes),
        ...{ isAsking: known?.isAsking ?? false, isOver: known?.isOver ?? false },
        ...{ overUntilMs: known?.overUntilMs ?? 0, toldMs: known?.toldMs ?? 0 },
      });
    }
    this.#options.onRoom();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
  }

  /** Whether the tenant may send something on; if not, more is asked for. */
  mayGo(tenant: string): boolean {
    const budget = this.#budgets.get(tenant);
    if (!budget || (budget.points > 0 && budget.bytes > 0)) return true;
    this.#ask(budget);
    return false;
  }

  spend(tenant: string, { points, bytes }: Amounts): void {
    const budget = this.#budgets.get(tenant);
    if (!budget) return;
    budget.points -= points;
    budget.bytes -= bytes;
    const { pointsPerSecond, bytesPerSecond } = budget.limits;
    const isLow =
      budget.points < (half(pointsPerSecond) ?? Number.NEGATIVE_INFINITY) ||
      budget.bytes < (half(bytesPerSecond) ?? Number.NEGATIVE_INFINITY);
    // Before it has to wait for it.
    if (isLow) this.#ask(budget);
  }

  #ask(budget: Budget): void {
    budget.isAsking = true;
    this.#takeAfter(TAKE_APART_MS - (this.#options.clock.monotonicMs() - this.#tookMs));
  }

  #takeAfter(ms: number): void {
    if (this.#isTaking || this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#takeAll();
      },
      Math.max(0, ms),
    ).unref();
  }

  async #takeAll(): Promise<void> {
    const { clock, log, onRoom } = this.#options;
    const asking = [...this.#budgets].filter(([, { isAsking }]) => isAsking);
    if (asking.length === 0) return;
    this.#isTaking = true;
    this.#tookMs = clock.monotonicMs();
    const asks = asking.map(([tenant, budget]) => askOf(tenant, budget));
    let againMs = TAKE_APART_MS;
    try {
      const given = await this.#take(asks);
      this.#fault = undefined;
      for (const { tenant, want } of asks) this.#give(tenant, want, given.get(tenant));
    } catch (error) {
      againMs = RETRY_MS;
      const fault = toStepwellError(error);
      const { code, message: reason } = fault;
      if (this.#fault?.message !== reason)
        log("warn", "the limits of tenants can't be asked for", { code, reason });
      this.#fault = fault;
    }
    this.#isTaking = false;
    if ([...this.#budgets.values()].some(({ isAsking }) => isAsking)) this.#takeAfter(againMs);
    onRoom();
    this.#tellPace();
  }

  #give(tenant: string, want: Amounts, given: Amounts | undefined): void {
    const budget = this.#budgets.get(tenant);
    if (!budget || !given) return;
    budget.points += given.points;
    budget.bytes += given.bytes;
    // It asks again when it wants more.
    budget.isAsking = false;
    const isShort = given.points < want.points || given.bytes < want.bytes;
    if (isShort) budget.overUntilMs = this.#options.clock.monotonicMs() + OVER_MS;
  }

  #tellPace(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [tenant, budget] of this.#budgets) {
      const backlog = this.#options.backlogOf(tenant);
      const isOver = budget.overUntilMs > nowMs && backlog.packs > 0;
      if (isOver && (!budget.isOver || nowMs - budget.toldMs >= TELL_APART_MS)) {
        budget.toldMs = nowMs;
        this.#options.onPace(tenant, paceOf(budget, backlog));
      }
      const isOverNoMore = budget.isOver && budget.overUntilMs <= nowMs;
      if (isOverNoMore) this.#options.onPace(tenant, undefined);
      budget.isOver = isOver || (budget.isOver && !isOverNoMore);
    }
    if ([...this.#budgets.values()].some(({ isOver }) => isOver)) this.#lookAgain();
  }

  /** So that one that is not over its limit any more is told. */
  #lookAgain(): void {
    if (this.#again || this.#isClosed) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#tellPace();
    }, OVER_MS / 2).unref();
  }
}

/** How long, in seconds, what is under way of a tenant may take. */
const UNDER_WAY_SECONDS = 2;
/** So much of it is there when they send again, so that the limit is used. */
const SPARE_SECONDS = 0.5;
const RETRY_AFTER_MS_MAX = 5_000;

function paceOf({ limits, points, bytes }: Budget, backlog: Backlog): TenantPace {
  const { pointsPerSecond = Number.POSITIVE_INFINITY, bytesPerSecond = Number.POSITIVE_INFINITY } = limits;
  const seconds = Math.max(
    (backlog.points + Math.max(0, -points)) / pointsPerSecond,
    (backlog.bytes + Math.max(0, -bytes)) / bytesPerSecond,
  );
  const bytesOfPoint = backlog.points > 0 ? backlog.bytes / backlog.points : Number.POSITIVE_INFINITY;
  const bytesInSecond = Math.min(bytesPerSecond, pointsPerSecond * bytesOfPoint);
  return {
    windowBytes: bytesInSecond * UNDER_WAY_SECONDS,
    retryAfterMs: Math.round(Math.min(RETRY_AFTER_MS_MAX, Math.max(0, 1_000 * (seconds - SPARE_SECONDS)))),
  };
}

function askOf(tenant: string, { limits, points, bytes }: Budget): BudgetAsk {
  const { pointsPerSecond, bytesPerSecond } = limits;
  return {
    tenant,
    want: { points: wanted(points, pointsPerSecond), bytes: wanted(bytes, bytesPerSecond) },
    rates: { points: pointsPerSecond, bytes: bytesPerSecond },
  };
}

/** A lease more than what is left, which a debt makes larger. */
function wanted(left: number, rate: number | undefined): number {
  return rate === undefined ? 0 : Math.max(0, rate * LEASE_SECONDS - left);
}

function half(rate: number | undefined): number | undefined {
  return rate === undefined ? undefined : (rate * LEASE_SECONDS) / 2;
}

function finite(amount: number | undefined): number {
  return amount !== undefined && Number.isFinite(amount) ? amount : 0;
}
