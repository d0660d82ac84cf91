const ADJECTIVES =
  "able agile ample awake bold brave brief bright calm clean clear crisp deep eager early even fair fast fine firm fresh glad grand keen kind lively mellow neat noble proud quick steady".split(
    " ",
  );
const NOUNS =
  "arch basin bay brook cairn canal cliff cove delta dune fjord ford gate glen grove harbor hill isle lagoon lake ledge marsh mesa peak pond reef ridge spring stair terrace valley well".split(
    " ",
  );

/** The name that the daemon gives to a run without one: src/model/run-name.ts has the same. */
export function runNameOf(runId: string): string {
  const pick = (words: readonly string[], at: number) =>
    words[Number.parseInt(runId.slice(at, at + 4), 16) % words.length];
  return `${pick(ADJECTIVES, 0)}-${pick(NOUNS, 4)}-${Number.parseInt(runId.slice(8, 12), 16) % 1000}`;
}
