import test from "ava";
import { environmentWithFolder, userFolder } from "../../src/home/user.js";

test("a program gets a HOME that leads somewhere, and the user's own where there is one", (t) => {
  t.is(environmentWithFolder({ HOME: "/ann" }, "/h").HOME, "/ann");
  t.is(environmentWithFolder({ HOME: "" }, "/h").HOME, userFolder() ?? "/h");
  t.deepEqual(environmentWithFolder({ PATH: "/bin" }, "/h"), { PATH: "/bin", HOME: userFolder() ?? "/h" });
});
