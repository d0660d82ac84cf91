import test from "ava";
import { isQuiet } from "../../src/model/quiet.js";

test("any word but a no asks for silence", (t) => {
  for (const no of [undefined, "", "0", "no", "FALSE", " off "]) t.false(isQuiet(no), no);
  for (const yes of ["1", "yes", "please"]) t.true(isQuiet(yes), yes);
});
