/** A real Chromium, as Debian has it. Where there is none the tests are skipped, and that is said; with CI=1 they fail. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import test from "ava";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export const chromiumPath = NAMES.flatMap((name) =>
  (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)),
).find(isProgram);

/** AVA's serial test where there is a browser. */
export const browserTest = chromiumPath || process.env["CI"] === "1" ? test.serial : test.skip;
if (!chromiumPath) console.error(`No ${NAMES.join(", ")} on the PATH: the page is not tried in a browser.`);

/** Ask nobody, look nothing up: the machine may have no network. */
const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

export async function openBrowser(): Promise<Browser> {
  if (!chromiumPath) throw new Error(`There is no ${NAMES.join(", ")} on the PATH.`);
  return await chromium.launch({ executablePath: chromiumPath, args: ARGS, timeout: 120_000 });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
