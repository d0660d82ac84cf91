/** The daemon's page, opened in a real browser: what its tests have in common. */
import { readFile } from "node:fs/promises";
import type { ExecutionContext, TestFn } from "ava";
import type { Browser, Page } from "playwright-core";
import type { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { chromiumPath, openBrowser } from "../support/browser.js";
import type { ScratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { RawProducer } from "../support/producer.js";

const NO_START = { experimentName: "", trackers: [], user: "", sourceName: "", parentRunId: "" };
export const WAIT_MS = 60_000;

type Open = (t: ExecutionContext, at?: ScratchHome) => Promise<Opened>;

/** One browser and one home for all tests of a file, which go one after the other; a test may bring a home of its own. */
export function pageForAll(ava: TestFn): Open {
  let browser: Browser | undefined;
  let url = "";
  ava.before(async () => {
    if (chromiumPath) browser = await openBrowser();
  });
  ava.after.always(() => browser?.close());
  const homeOf = homeForAll(ava, async (home) => {
    url = await addressOf(home);
  });
  return async (t, at) => {
    if (!browser) throw new Error("there is no browser");
    return at ? await open(t, browser, at, await addressOf(at)) : await open(t, browser, homeOf(), url);
  };
}

async function addressOf(home: ScratchHome): Promise<string> {
  return (await home.stepwell(["ui", "--no-open"])).stdout.trim();
}

export interface Opened {
  readonly home: ScratchHome;
  readonly page: Page;
  readonly url: string;
  readonly producer: RawProducer;
  /** What the page said of faults. */
  readonly complaints: readonly string[];
}

/** A page that has not gone anywhere yet, its address, and a program that logs. */
async function open(t: ExecutionContext, browser: Browser, home: ScratchHome, url: string): Promise<Opened> {
  t.timeout(5 * WAIT_MS);
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/$/);
  const producer = new RawProducer(await home.startDaemonOrFind());
  t.teardown(() => producer.cut());
  producer.hello();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
  });
  t.teardown(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("ERR_CONNECTION"))
      complaints.push(message.text());
  });
  return { home, page, url, producer, complaints };
}

export const beginning = (runName: string) => ({
  ...NO_START,
  runName,
  startTimeMs: BigInt(Date.now()),
});

/** Points of a key from a step on. */
export function points(key: string, from: number, values: readonly number[]): Batch["metrics"] {
  const steps = values.map((_, at) => BigInt(from + at));
  const timestampsMs = steps.map((step) => BigInt(Date.now()) + step);
  return [{ key, steps, timestampsMs, values: [...values], modelId: "" }];
}

export const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);

/** What a card's button CSV gives: rows without the head. */
export async function csvOf(page: Page, key: string): Promise<string[][]> {
  const card = page.locator(`.card[data-key=${JSON.stringify(key)}]`);
  const [download] = await Promise.all([page.waitForEvent("download"), card.getByText("CSV").click()]);
  const text = await readFile(await download.path(), "utf8");
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
}

export async function drawn(page: Page, key: string): Promise<void> {
  await page.locator(`.card[data-key=${JSON.stringify(key)}] .plot[data-drawn=true]`).waitFor();
}
