/** Filters with pieces of SQL in them, which no filter has and MLflow's reader makes something of. */
import fc from "fast-check";

const SQL = [
  ...["-- c\n", "--+ c\n", "# c\n", "/* c */", "$$a$$", "´a´", "->", "::int", "OVER w", ":=", "GO", "*/"],
  ...["CASE", "CASE x END", "END", "IF x END IF", "VALUES ('a')", "DATE '2026'", "\u001c", "\u00a0", "٣"],
];

/** A filter with one of them at any place. */
export function withSql(filter: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(filter, fc.constantFrom(...SQL), fc.constantFrom(" ", ""), fc.nat(40))
    .map(([text, piece, space, at]) => text.slice(0, at) + space + piece + space + text.slice(at));
}
