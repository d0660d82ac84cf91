import type { Session } from "../session.js";
import type { TenantPace } from "./quotas.js";

/** What a stream may have under way at least: a pack that is larger goes alone. */
const WINDOW_BYTES_MIN = 16 * 1024;

/** Tells the streams of a tenant how to send, each its share. */
export function slowTenant(sessions: readonly Session[], tenant: string, pace: TenantPace | undefined): void {
  const its = sessions.filter(({ caller }) => caller.tenant.name === tenant);
  const share = pace ? Math.max(WINDOW_BYTES_MIN, pace.windowBytes / its.length) : Number.POSITIVE_INFINITY;
  for (const session of its) session.slow(share, pace?.retryAfterMs ?? 0);
}
