import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { tokenAccess } from "../../src/relay/access.js";
import { scratchFolder } from "../support/folder.js";

test("a token of the file opens the relay, and nothing else does", async (t) => {
  const path = join(await scratchFolder(t), "tokens");
  writeFileSync(path, "# nodes\nfirst-token\n\n  second-token  \n");
  const access = tokenAccess(path);
  t.notThrows(() => access.admit("Bearer first-token"));
  t.notThrows(() => access.admit("bearer second-token"));
  for (const bad of [
    undefined,
    "",
    "Bearer",
    "Bearer first",
    "Bearer # nodes",
    "Basic first-token",
    "first-token",
  ])
    t.throws(() => access.admit(bad), { code: "STEPWELL_NOT_AUTHENTICATED" }, String(bad));
});

test("a file that was changed counts from then on; one that is away keeps what it had", async (t) => {
  const path = join(await scratchFolder(t), "tokens");
  writeFileSync(path, "old\n");
  const access = tokenAccess(path);
  writeFileSync(path, "old\nnewer\n");
  t.notThrows(() => access.admit("Bearer newer"));
  writeFileSync(path, "newer\n");
  t.throws(() => access.admit("Bearer old"), { code: "STEPWELL_NOT_AUTHENTICATED" });
  rmSync(path);
  t.notThrows(() => access.admit("Bearer newer"));
});

test("a file without a token, or none, is refused", async (t) => {
  const path = join(await scratchFolder(t), "tokens");
  t.throws(() => tokenAccess(path), { code: "STEPWELL_CONFIG_INVALID" });
  writeFileSync(path, "# nothing\n");
  t.throws(() => tokenAccess(path), { code: "STEPWELL_CONFIG_INVALID" });
});
