/** Folders of bundles that others work at, too. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { importFolder } from "../../src/cli/commands/bundle-folder.js";
import type { Context } from "../../src/cli/context.js";
import { scratchFolder } from "../support/folder.js";

const HOME = "a".repeat(32);

async function folderWith(t: ExecutionContext, names: readonly string[]) {
  const folder = await scratchFolder(t);
  const home = join(folder, HOME);
  mkdirSync(home);
  for (const name of names) writeFileSync(join(home, name), "");
  const said: string[] = [];
  const context = {
    stdout: () => undefined,
    stderr: (text: string) => said.push(text),
  } as unknown as Context;
  const taken: string[] = [];
  const round = async (meanwhile: (name: string) => void) =>
    await importFolder(context, folder, { to: "out", timeout: 1, output: "json" }, async (file) => {
      const name = basename(file);
      meanwhile(name);
      if (!readdirSync(home).includes(name)) throw new Error(`${name} is gone`);
      taken.push(name);
      return { file, points: 1, receipt: "" };
    });
  return { home, said, taken, round };
}

test("bundles that another watch takes meanwhile, and their daemon takes away, are no fault", async (t) => {
  const { home, said, taken, round } = await folderWith(t, ["1.bundle", "2.bundle", "3.bundle", "4.bundle"]);
  const code = await round((name) => {
    if (name === "1.bundle") {
      rmSync(join(home, "2.bundle"));
      writeFileSync(join(home, "3.bundle.receipt"), "");
    }
    if (name === "4.bundle") rmSync(join(home, "4.bundle"));
  });
  t.deepEqual([code, said], [0, []]);
  t.deepEqual(taken, ["1.bundle"]);
});

test("a bundle that can't be imported and is still there is a fault", async (t) => {
  const { said, round } = await folderWith(t, ["1.bundle"]);
  const code = await round(() => {
    throw new Error("it can't be read");
  });
  t.is(code, 1);
  t.regex(said.join(""), /it can't be read/);
});

test("names in a folder that others write into can't steer the terminal", async (t) => {
  const folder = await scratchFolder(t);
  const hostile = "\u001b]0;owned\u0007\u009b2J\u202e";
  mkdirSync(join(folder, hostile));
  for (const name of [`1${hostile}.bundle`, `2${hostile}.bundle`])
    writeFileSync(join(folder, hostile, name), "");
  const said: string[] = [];
  // Its third word is its last: a watch ends by what its answers can't be written to.
  const say = (text: string) => {
    if (said.push(text) === 3) throw new Error("that will do");
  };
  const context = { stdout: say, stderr: say } as unknown as Context;
  const options = { to: "out", timeout: 1, output: "fitted", watch: true } as const;
  const watching = importFolder(context, folder, options, async (file) => {
    if (basename(file).startsWith("1")) return { file, points: 1, receipt: "" };
    throw new Error(`${hostile} can't be read`);
  });
  await t.throwsAsync(watching, { message: "that will do" });
  t.regex(said.join(""), /owned.*1 points delivered\n.*owned.*can't be read/s);
  t.notRegex(said.join(""), /(?!\n)\p{Cc}|\p{Bidi_Control}/u);
});
