/** A real Chromium, as Debian has it. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Its names on the PATH. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

export const chromiumPath = NAMES.flatMap((name) =>
  (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)),
).find(isProgram);

/** What is said where there is none. */
export const noBrowser = `There is no ${NAMES.join(", ")} on the PATH.`;

/**
 * What would drop down from a window's address is a page in a process of its own, half a second of a processor for each
 * window, and so is a process in reserve. Chromium takes the last list alone: what matters of Playwright's is told once more.
 */
const WITHOUT = [
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess", "HttpsUpgrades"],
  ...["HttpsFirstBalancedModeAutoEnable", "MediaRouter", "OptimizationHints", "PaintHolding"],
];

/** Ask nobody, look nothing up: the machine may have no network. */
const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** Opens it; `isWhole`: with all that a user's has. */
export async function openBrowser({ isWhole = false } = {}): Promise<Browser> {
  if (!chromiumPath) throw new Error(noBrowser);
  return await chromium.launch({
    executablePath: chromiumPath,
    args: isWhole ? ARGS : [...ARGS, `--disable-features=${WITHOUT.join(",")}`],
    timeout: 120_000,
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
