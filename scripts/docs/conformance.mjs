/** The matrix of the README: what each client was seen to do, from the results that the conformance suite holds itself to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { cell, table } from "./table.mjs";

const RESULTS = "clients/conformance/results";
/** In this order; a language that is not here comes behind them. */
const LANGUAGES = ["Python", "TypeScript", "Go", "Java", "proto-loader"];

/** A row for each scenario, a column for each language; below it why one can't have a scenario. */
export async function listConformance() {
  const rows = readdirSync(join(root, RESULTS))
    .sort()
    .flatMap((name) => Object.values(JSON.parse(readFileSync(join(root, RESULTS, name), "utf8"))));
  if (rows.length < 20) throw new Error(`${RESULTS} has ${rows.length} scenarios`);
  const seen = [...new Set(rows.flatMap((row) => Object.keys(row.in)))];
  const languages = seen.sort((one, other) => placeOf(one) - placeOf(other));
  const notes = [];
  const said = (result) => {
    if (result === "passed") return "yes";
    if (result === undefined) return "";
    if (!notes.includes(result)) notes.push(result);
    return `no (${notes.indexOf(result) + 1})`;
  };
  const lines = rows.map((row) => [cell(row.title), ...languages.map((language) => said(row.in[language]))]);
  const reasons = notes.map((note, index) => `(${index + 1}) ${note}.`).join(" ");
  return `${table(["scenario", ...languages], lines)}\n${reasons === "" ? "" : `\n${reasons}\n`}`;
}

function placeOf(language) {
  const place = LANGUAGES.indexOf(language);
  return place < 0 ? LANGUAGES.length : place;
}
