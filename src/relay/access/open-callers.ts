/**
 * What open streams' callers may do, held against what the files say now. A stream whose caller is not let in any
 * more is asked to go on over another one, and is ended soon if it does not: a daemon whose token was renewed comes
 * back with the new one, and nothing of it is in doubt meanwhile.
 */
import type { Clock } from "../../model/clock.js";
import type { GroupWriter } from "../group-writer.js";
import type { Session } from "../session.js";
import type { Sessions } from "../sessions.js";
import type { Access } from "./access.js";
import type { Quotas } from "./quotas.js";

/** How often it is looked whose tokens ended, and whose packs wait for too long. */
const LOOK_MS = 2_000;
/** A pack waits so long for its tenant's limit; then its daemon is told to send it again. It would cut the stream at 120 s. */
const LIMIT_WAIT_MS = 20_000;
const RETRY_AFTER_MS = 5_000;

export interface CallersParts {
  readonly access: Access;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly quotas: Quotas;
  readonly writer: GroupWriter;
  /** How long a pack waits for its tenant's limit. */
  readonly limitWaitMs: number | undefined;
}

export class Callers {
  readonly #parts: CallersParts;
  readonly #timer: NodeJS.Timeout;
  #limitWaitMs: number;

  constructor(parts: CallersParts) {
    this.#parts = parts;
    const { access, sessions, quotas, limitWaitMs = LIMIT_WAIT_MS } = parts;
    this.#limitWaitMs = limitWaitMs;
    quotas.setTenants(access.tenants);
    access.onChange(() => {
      quotas.setTenants(access.tenants);
      for (const session of sessions.all) this.#renew(session);
    });
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** The relay ends: what waits for a limit is better sent to another one. */
  hurry(): void {
    this.#limitWaitMs = 0;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#parts.access.close();
  }

  #look(): void {
    const { clock, sessions } = this.#parts;
    const nowMs = clock.nowMs();
    for (const session of sessions.all) {
      const { proof } = session.caller;
      if (proof.kind === "issuer" && proof.endsMs <= nowMs) this.#renew(session);
    }
    this.#answerWaiting();
  }

  #renew(session: Session): void {
    const { access, sessions } = this.#parts;
    try {
      session.caller = access.callerOf(session.caller.proof);
    } catch {
      sessions.dismiss(session);
    }
  }

  /** What waits for too long goes back to its journal, and keeps no place here. */
  #answerWaiting(): void {
    const { clock, quotas, writer } = this.#parts;
    const beforeMs = clock.monotonicMs() - this.#limitWaitMs;
    const late = writer.takeOut(({ tenant, sinceMs }) => sinceMs < beforeMs && !quotas.mayGo(tenant));
    for (const { tenant, answer } of late) {
      const { code, message: reason } = quotas.fault ?? {
        code: "STEPWELL_SERVER_BUSY" as const,
        message: `The tenant ${tenant} is over the limit of points or bytes a second that its relays have for it.`,
      };
      const outcome = { kind: "retry", scope: "run", code, reason, afterMs: RETRY_AFTER_MS } as const;
      answer(this.#parts.writer.refuse(outcome));
    }
  }
}
