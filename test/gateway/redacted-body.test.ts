import test from "ava";
import fc from "fast-check";
import { withoutSecrets } from "../../src/gateway/redacted-body.js";

async function starred(pieces: readonly string[], secrets: readonly string[]): Promise<string> {
  async function* flow(): AsyncGenerator<Buffer> {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const out: Buffer[] = [];
  for await (const piece of withoutSecrets(flow(), secrets)) out.push(piece);
  return Buffer.concat(out).toString();
}

test("a secret is stars of its length, wherever pieces end, and short ones are words", async (t) => {
  t.is(await starred(["token=hun", "ter", "2secret;"], ["hunter2secret"]), "token=*************;");
  t.is(await starred(["aab hunter2hunter2 b"], ["hunter2", "aab"]), "aab ************** b");
  t.is(await starred([], ["hunter2"]), "");
  t.is(await starred(["as it is"], []), "as it is");
});

test("however a text is cut, it loses its secrets and nothing else", async (t) => {
  const piece = fc.stringMatching(/^[ab]{0,7}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const text = pieces.join("");
      t.is(await starred(pieces, ["abba"]), text.replaceAll("abba", "****"));
    }),
    { numRuns: 300 },
  );
});
