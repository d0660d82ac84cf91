import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { ensureBundle } from "../support/bundle.js";
import { scratchHome } from "../support/home.js";

/** Says at the end whether Node's HTTP/2, which only gRPC uses, was loaded. */
const HOOK =
  "data:text/javascript,process.on('exit',()=>console.error('http2',process.moduleLoadList.some((name)=>name.endsWith(' http2'))))";

test("help and usage errors load no gRPC, and a command that asks the daemon does", async (t) => {
  const command = await ensureBundle();
  const home = await scratchHome(t);
  await home.startDaemon();
  const loads = async (...args: readonly string[]) => {
    const all = ["--import", HOOK, command, ...args];
    const ended = await promisify(execFile)(process.execPath, all, { env: home.env }).catch(
      (error: { stderr: string }) => error,
    );
    return /http2 (true|false)/.exec(ended.stderr)?.[1];
  };
  t.is(await loads("--help"), "false");
  t.is(await loads("stack", "--help"), "false");
  t.is(await loads("stats"), "false");
  t.is(await loads("status"), "true");
});
