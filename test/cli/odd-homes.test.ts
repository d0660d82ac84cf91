/** Homes whose paths mean something to a shell, a URI or a terminal: everything works, and what is shown can be pasted. */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import test from "ava";
import { StepwellClient } from "../../clients/typescript/src/index.js";
import { useLocalStore } from "../../clients/typescript/test/support/store.js";
import { scratchHome } from "../support/home.js";

const NAMES = [`it's "quoted" $(touch x) \`y\` ünï 🙂`, "-two\nlines"];

for (const name of NAMES) {
  test(`a home called ${JSON.stringify(name)}`, async (t) => {
    const home = await scratchHome(t, name);
    const started = await home.stepwell(["daemon", "start", "-o", "json"]);
    t.is(started.code, 0, started.stderr);
    t.is((JSON.parse(started.stdout) as { home: string }).home, home.paths.home);
    await useLocalStore(home);
    const client = new StepwellClient({ home: home.paths.home, autostart: false });
    const run = client.startRun();
    run.logMetric("k", 1);
    run.end();
    await client.close({ timeoutMs: 60_000 });
    const program = `import(${JSON.stringify(import.meta.resolve("../../clients/typescript/src/index.js"))})
      .then(({ logMetric, startRun, close }) => { startRun(); logMetric("k", 2); return close(); })`;
    const ran = await home.stepwell(["run", "--", process.execPath, "-e", program]);
    t.is(ran.code, 0, ran.stderr);
    t.is((await home.here(["flush"])).code, 0);
    t.is(((await home.json(["status"])) as { delivered_points: number }).delivered_points, 2);
    chmodSync(home.paths.home, 0o755);
    const checks = (await home.here(["doctor", "-o", "json"])).stdout;
    const remedies = (JSON.parse(checks) as { check: string; remedy: string }[]).filter(
      ({ check }) => check === "home",
    );
    const [, command] = /(chmod 700 .*?)\. Where/s.exec(remedies[0]?.remedy ?? "") ?? [];
    t.truthy(command, checks);
    execFileSync("bash", ["-c", command ?? "false"]);
    const after = (await home.here(["doctor", "-o", "json"])).stdout;
    t.regex(after, /, yours alone/);
    t.is((await home.here(["daemon", "stop"])).code, 0);
  });
}
