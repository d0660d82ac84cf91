/** The tests of a file of scenarios: one for each scenario and language, and one that holds the committed results against them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { ROOT } from "../support/home.js";
import { type Language, languages } from "./driver.js";
import { Cast, type Outcome, play } from "./play.js";
import { isShared, type Scenario, scenariosOf } from "./scenario.js";
import type { Teardown } from "./stage.js";

/** By scenario and language: `passed`, or why a language can't have it. */
type Results = Record<string, { title: string; in: Record<string, string> }>;

/** Writes the results instead of comparing them. */
const WRITES = "STEPWELL_WRITE_RESULTS";

/** Declares the tests. What a language that lacks its tools would show is skipped, and fails with CI=1. */
export function declareScenarios(name: string): void {
  const all = languages();
  const scenarios = scenariosOf(`${name}.json`);
  const results: Results = {};
  const teardowns: (() => unknown)[] = [];
  const late = { teardown: (end: () => unknown) => void teardowns.unshift(end) };
  const shared = new Map<Scenario["at"], Promise<Cast>>();
  const castOf = (t: Teardown, scenario: Scenario): Promise<Cast> => {
    if (!isShared(scenario.at)) return Cast.open(t, scenario);
    const known = shared.get(scenario.at) ?? Cast.open(late, scenario);
    shared.set(scenario.at, known);
    return known;
  };
  test.after.always(async () => {
    for (const end of teardowns) await end();
  });
  for (const scenario of scenarios) {
    const row: Record<string, string> = {};
    results[scenario.id] = { title: scenario.title, in: row };
    const players = all.filter((language) => reasonOf(scenario, language) === undefined);
    for (const language of all) {
      const reason = reasonOf(scenario, language);
      if (reason !== undefined && language.lacking === undefined) row[language.name] = reason;
    }
    let playing: Promise<ReadonlyMap<string, Outcome>> | undefined;
    for (const language of players) {
      const title = `${language.name}: ${scenario.title}`;
      if (language.lacking !== undefined && process.env["CI"] !== "1") {
        console.error(`${title}: needs ${language.lacking} on the PATH`);
        test.skip(title, (t) => t.fail());
        continue;
      }
      test.serial(title, async (t) => {
        t.timeout(900_000);
        if (language.lacking !== undefined) throw new Error(`needs ${language.lacking} on the PATH`);
        const present = players.filter(({ lacking }) => lacking === undefined);
        playing ??= castOf(t, scenario).then((cast) => play(scenario, present, cast));
        const outcome = (await playing).get(language.name);
        if (outcome?.kind === "failed") throw outcome.error;
        row[language.name] = "passed";
        t.is(outcome?.kind, "passed");
      });
    }
  }
  test.serial(`what the README shows of ${name} is what was seen here`, (t) => {
    const path = join(ROOT, "clients/conformance/results", `${name}.json`);
    if (process.env[WRITES] === "1") {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
    }
    const lacking = new Set(all.filter((one) => one.lacking !== undefined).map((one) => one.name));
    const committed = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : {};
    for (const { in: row } of Object.values(committed)) for (const one of lacking) delete row[one];
    t.deepEqual(
      committed,
      results,
      `${WRITES}=1 npx ava build/test/conformance/${name}.test.js writes it anew`,
    );
  });
}

function reasonOf({ except }: Scenario, { name }: Language): string | undefined {
  return except?.[name];
}
