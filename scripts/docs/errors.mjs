/** The list of error codes, from the daemon's table and those of the clients. */

import { clientsByCode } from "../contract/told.mjs";
import { SENTENCES } from "./error-sentences.mjs";
import { loadSource } from "./load-source.mjs";
import { cell, table } from "./table.mjs";

const AGAIN = { later: "yes", never: "no" };

/** Every code of the daemon and the command. Throws where one has no sentence. */
export async function listErrors() {
  const { ERRORS } = await loadSource("src/errors/table.ts");
  const { EXIT } = await loadSource("src/errors/row.ts");
  const rows = Object.entries(ERRORS).map(([code, { remedy, retry, exit }]) => [
    `<a id="${code.toLowerCase()}"></a>\`${code}\``,
    sentenceOf(code),
    cell(remedy),
    AGAIN[retry],
    String(EXIT[exit]),
  ]);
  return table(["code", "what it says", "what to do", "goes away by itself", "exit code"], rows);
}

/** The codes that only clients give, with those that do. Throws where one has no sentence, and where a sentence has no code. */
export async function listClientErrors() {
  const { ERRORS } = await loadSource("src/errors/table.ts");
  const { CLIENT_ERRORS } = await loadSource("src/errors/client-table.ts");
  const unused = Object.keys(SENTENCES).filter((code) => !(code in ERRORS) && !(code in CLIENT_ERRORS));
  if (unused.length > 0) throw new Error(`error-sentences.mjs has codes that are gone: ${unused.join(", ")}`);
  const told = clientsByCode();
  const rows = Object.entries(CLIENT_ERRORS).map(([code, { remedy }]) => [
    `<a id="${code.toLowerCase()}"></a>\`${code}\``,
    sentenceOf(code),
    cell(remedy),
    (told.get(code) ?? []).join(", "),
  ]);
  return table(["code", "what it says", "what to do", "client"], rows);
}

function sentenceOf(code) {
  const sentence = SENTENCES[code];
  if (sentence === undefined) throw new Error(`Say what ${code} means in scripts/docs/error-sentences.mjs.`);
  return sentence;
}
