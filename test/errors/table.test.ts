import test from "ava";
import { ERRORS } from "../../src/errors/table.js";

test("no remedy sends somebody to the doctor, whose findings show it", (t) => {
  for (const [code, { remedy }] of Object.entries(ERRORS))
    t.notRegex(remedy, /stepwell doctor(?! --salvage)/, code);
});
