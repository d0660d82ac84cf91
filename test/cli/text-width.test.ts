import test from "ava";
import stringWidth from "string-width";
import { isPlain, widthOf } from "../../src/cli/output/text-width.js";

test("what is taken for a cell without a look at it is one, alone and beside any other", (t) => {
  let count = 0;
  for (let unit = 0; unit <= 0xffff; unit++) {
    const character = String.fromCharCode(unit);
    if (!isPlain(character)) continue;
    count += 1;
    if (stringWidth(character) !== 1 || stringWidth(`a${character}b${character}`) !== 4)
      t.fail(`U+${unit.toString(16)}`);
  }
  t.true(count > 600);
  for (const text of ["字", "e\u0301", "😀", "\u200b", "\u202e", "\u00ad"]) t.false(isPlain(text), text);
  t.deepEqual(["é…", "字a", "e\u0301"].map(widthOf), [2, 3, 1]);
});
