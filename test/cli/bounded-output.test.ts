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

test("it is what a plain cut would be, whatever the pieces are", (t) => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 500; round++) {
    const each = 1 + random(40);
    const output = new BoundedOutput(each);
    let all = "";
    for (let pieces = random(30); pieces > 0; pieces--) {
      const piece = Array.from({ length: random(2 * each + 2) }, () => String(random(10))).join("");
      all += piece;
      output.push(Buffer.from(piece));
    }
    const left = all.length - 2 * each;
    const cut = `${all.slice(0, each)}\n[stepwell: ${left} bytes are left out here]\n${all.slice(-each)}`;
    t.is(output.bytes().toString(), left > 0 ? cut : all);
  }
});

test("a program that writes byte by byte takes no more memory than one that writes much at once", (t) => {
  const output = new BoundedOutput(1_000_000);
  const [piece, before] = [Buffer.from("."), process.memoryUsage()];
  for (let bytes = 0; bytes < 2_100_000; bytes++) output.push(piece);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const taken = heapUsed - before.heapUsed + arrayBuffers - before.arrayBuffers;
  t.true(taken < 40_000_000, `${taken} bytes`);
  t.is(output.bytes().length, 2_000_000 + "\n[stepwell: 100000 bytes are left out here]\n".length);
});

test("a piece that is used again changes nothing of what is kept", (t) => {
  const [output, piece] = [new BoundedOutput(4), Buffer.from("abcdef")];
  output.push(piece);
  piece.fill("x");
  t.is(output.bytes().toString(), "abcdef");
});
