import test from "ava";
import { chromiumPath, noBrowser } from "./browser.js";

/** AVA's serial test where there is a browser. Elsewhere it is skipped, and that is said; with CI=1 it fails. */
export const browserTest = chromiumPath || process.env["CI"] === "1" ? test.serial : test.skip;
if (!chromiumPath) console.error(`${noBrowser} The page is not tried in a browser.`);
