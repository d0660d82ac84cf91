/** The list of error codes, from the daemon's table and those of the clients. */
import { SENTENCES } from "./error-sentences.mjs";
import { loadSource } from "./load-source.mjs";
import { askPython } from "./python.mjs";
import { cell, table } from "./table.mjs";
import { clientRemedies } from "./typescript.mjs";

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

/** The codes that only a client gives. Throws where one has no sentence, and where a sentence has no code. */
export async function listClientErrors(python) {
  const { ERRORS } = await loadSource("src/errors/table.ts");
  const tables = { Python: (await askPython(python)).remedies, TypeScript: clientRemedies() };
  const own = new Map();
  for (const [client, remedies] of Object.entries(tables))
    for (const [code, remedy] of Object.entries(remedies))
      if (!(code in ERRORS)) own.set(code, { remedy, clients: [...(own.get(code)?.clients ?? []), client] });
  const unused = Object.keys(SENTENCES).filter((code) => !(code in ERRORS) && !own.has(code));
  if (unused.length > 0) throw new Error(`error-sentences.mjs has codes that are gone: ${unused.join(", ")}`);
  const rows = [...own].map(([code, { remedy, clients }]) => [
    `<a id="${code.toLowerCase()}"></a>\`${code}\``,
    sentenceOf(code),
    cell(remedy),
    clients.join(", "),
  ]);
  return table(["code", "what it says", "what to do", "client"], rows);
}

function sentenceOf(code) {
  const sentence = SENTENCES[code];
  if (sentence === undefined) throw new Error(`Say what ${code} means in scripts/docs/error-sentences.mjs.`);
  return sentence;
}
