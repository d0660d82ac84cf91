/** The guide's parts that are made from the code are committed, so they must be what the code makes today. */
import { makeGuide } from "../docs/guide.mjs";

/** Names each page that is stale. What needs Python, Go or Java is not looked at where there is none. */
export async function findStalePages() {
  const { pages, lacking } = await makeGuide();
  const stale = pages.filter(({ made, committed }) => made !== committed).map(({ path }) => path);
  if (stale.length > 0) return { outcome: "failed", output: `stale: ${stale.join(", ")}\nrun: npm run docs` };
  if (lacking !== undefined) return { outcome: "skipped", required: true, output: lacking };
  return { outcome: "ok", note: `${pages.length} pages` };
}
