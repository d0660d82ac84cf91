import test from "ava";
import { BoundedOutput } from "../../src/cli/commands/bounded-output.js";

/** What is kept of these pieces where the beginning and the end have four bytes each. */
function keptOf(...pieces: string[]): string {
  const output = new BoundedOutput(4);
  for (const piece of pieces) output.push(Buffer.from(piece));
  return output.bytes().toString();
}

test("what is within the bound is kept as it is", (t) => {
  t.is(keptOf(), "");
  t.is(keptOf("abc", "defgh"), "abcdefgh");
});

test("beyond it the beginning and the end are kept, and a line counts what is between them", (t) => {
  const left = (bytes: number) => `\n[stepwell: ${bytes} bytes are left out here]\n`;
  t.is(keptOf("abcdefghi"), `abcd${left(1)}fghi`);
  t.is(keptOf("ab", "cdefg", "hi", "j", "klmnopq"), `abcd${left(9)}nopq`);
  t.is(keptOf(...Array.from("abcdefghijk")), `abcd${left(3)}hijk`);
  const output = new BoundedOutput(4);
  output.push(Buffer.from("abcd"));
  output.skip(100);
  output.push(Buffer.from("wxyz"));
  t.is(output.bytes().toString(), `abcd${left(100)}wxyz`);
});

test("a piece that is used again changes nothing of what is kept", (t) => {
  const [output, piece] = [new BoundedOutput(4), Buffer.from("abcdef")];
  output.push(piece);
  piece.fill("x");
  t.is(output.bytes().toString(), "abcdef");
});
