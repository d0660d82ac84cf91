/**
 * The buckets of tenants (model/budget.ts) in the database that all relays share, so that a limit is the same however
 * many they are. The database's clock fills them. One statement takes for all tenants that a relay asks for.
 */
import { type Amounts, BUCKET_SECONDS, type BudgetAsk } from "../../model/budget.js";
import type { Connection } from "./connection.js";
import { ensureRelayTables } from "./relay-tables.js";

/** In the caller's transaction, which is to be short: other relays wait for its locks. */
export async function takeBudgets(
  connection: Connection,
  asks: readonly BudgetAsk[],
): Promise<Map<string, Amounts>> {
  await ensureRelayTables(connection);
  const rows = await take(connection, asks);
  const given = new Map(rows);
  const fresh = asks.filter(({ tenant }) => !given.has(tenant));
  if (fresh.length === 0) return given;
  await connection.rows(
    `INSERT INTO stepwell_tenants (tenant, points, bytes, at)
     SELECT tenant, points * ${BUCKET_SECONDS}, bytes * ${BUCKET_SECONDS}, clock_timestamp()
     FROM unnest($1::text[], $2::float8[], $3::float8[]) AS n (tenant, points, bytes) ORDER BY tenant
     ON CONFLICT DO NOTHING`,
    [
      fresh.map(({ tenant }) => tenant),
      fresh.map(({ rates }) => rates.points ?? 0),
      fresh.map(({ rates }) => rates.bytes ?? 0),
    ],
  );
  for (const [tenant, amounts] of await take(connection, fresh)) given.set(tenant, amounts);
  return given;
}

async function take(
  connection: Connection,
  asks: readonly BudgetAsk[],
): Promise<(readonly [tenant: string, given: Amounts])[]> {
  const rows = await connection.rows(
    `WITH there AS (
       SELECT t.tenant, clock.now,
         LEAST(n.points_rate * ${BUCKET_SECONDS}, t.points + n.points_rate * clock.seconds) AS points,
         LEAST(n.bytes_rate * ${BUCKET_SECONDS}, t.bytes + n.bytes_rate * clock.seconds) AS bytes,
         n.points AS points_wanted, n.bytes AS bytes_wanted
       FROM (SELECT * FROM stepwell_tenants WHERE tenant = ANY ($1) ORDER BY tenant FOR UPDATE) t
       JOIN unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::float8[])
         AS n (tenant, points, points_rate, bytes, bytes_rate) ON n.tenant = t.tenant
       CROSS JOIN LATERAL (
         SELECT now, GREATEST(0, extract(epoch FROM now - t.at)) AS seconds FROM clock_timestamp() AS now
       ) AS clock
     ), given AS (
       SELECT *, COALESCE(LEAST(points_wanted, points), points_wanted) AS points_given,
         COALESCE(LEAST(bytes_wanted, bytes), bytes_wanted) AS bytes_given FROM there
     )
     UPDATE stepwell_tenants t SET at = g.now, points = COALESCE(g.points - g.points_given, 0),
       bytes = COALESCE(g.bytes - g.bytes_given, 0)
     FROM given g WHERE t.tenant = g.tenant RETURNING t.tenant, g.points_given, g.bytes_given`,
    [
      asks.map(({ tenant }) => tenant),
      asks.map(({ want }) => want.points),
      asks.map(({ rates }) => rates.points ?? null),
      asks.map(({ want }) => want.bytes),
      asks.map(({ rates }) => rates.bytes ?? null),
    ],
  );
  return rows.map(
    ([tenant, points, bytes]) => [tenant ?? "", { points: Number(points), bytes: Number(bytes) }] as const,
  );
}
