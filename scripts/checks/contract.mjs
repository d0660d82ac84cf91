/** What clients have in common is committed, so it must be what `src/` makes of it today. */
import { makeContract } from "../contract/contract.mjs";

/** Names each file that is stale. */
export async function findStaleContract() {
  const files = await makeContract();
  const stale = files.filter(({ made, committed }) => made !== committed).map(({ path }) => path);
  if (stale.length > 0) return { outcome: "failed", output: `${stale.join("\n")}\nrun: npm run generate` };
  return { outcome: "ok", note: `${files.length} files` };
}
