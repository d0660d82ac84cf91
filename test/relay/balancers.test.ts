/** The files of deploy/relay, each by the program that reads it. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { ensureBundle } from "../support/bundle.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";
import { HAPROXY, NGINX, spreadBehind } from "./balancer.js";

for (const balancer of [HAPROXY, NGINX]) {
  const isRun = process.env["CI"] === "1" || balancer.program() !== undefined;
  if (!isRun) console.error(`There is no ${balancer.name} on the PATH.`);
  const balancerTest = isRun ? test : test.skip;
  balancerTest(
    `behind ${balancer.name} a relay that came back has its share of streams once they have aged`,
    async (t) => {
      const { first, returned, ages } = await spreadBehind(t, balancer);
      // Within two ages where nothing else keeps the processor: the long form of the torture has that for its bar.
      t.log(`${first.join(", ")} at first, ${returned.join(", ")} after ${ages.toFixed(1)} ages`);
      t.pass();
    },
  );
}

const systemdTest = spawnSync("systemd-analyze", ["--version"]).status === 0 ? test : test.skip;
systemdTest("systemd takes the relay's unit, and the command takes the words that it starts", async (t) => {
  const unit = readFileSync(join(ROOT, "deploy/relay/stepwell-relay.service"), "utf8");
  const folder = await scratchFolder(t);
  const path = join(folder, "stepwell-relay.service");
  const here = unit.replace("/usr/local/bin/stepwell", "/bin/true");
  writeFileSync(path, here);
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", path], { encoding: "utf8" });
  t.is(status, 0, stderr);
  t.is(stderr, "");
  const [, line = ""] = /^ExecStart=\S+ ((?:.*\\\n)*.*)$/m.exec(unit) ?? [];
  const words = line
    .replaceAll("\\\n", " ")
    .replace(/\$\{LISTEN\}/, "127.0.0.1:0")
    .replace(/\$\{DATABASE\}/, "postgresql://relay@127.0.0.1/mlflow")
    .replaceAll("/etc/stepwell-relay", folder)
    .split(/ +/);
  const command = await ensureBundle();
  const relay = spawnSync(process.execPath, [command, ...words], { encoding: "utf8", env: {} });
  t.regex(relay.stderr, /STEPWELL_TLS_FAILED|tls\.crt/, "it gets as far as the first file that is missing");
});
