import test from "ava";
import { counted } from "../../src/model/counted.js";

test("one is told as one, and anything else as several", (t) => {
  t.is(counted(1, "segment"), "1 segment");
  t.is(counted(1n, "entry is kept", "entries are kept"), "1 entry is kept");
  t.is(counted(0, "segment"), "0 segments");
  t.is(counted(2n, "entry is kept", "entries are kept"), "2 entries are kept");
});
