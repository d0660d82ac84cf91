/** What a deployment is stands in one file; the runs of its servers hang on it. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { removeDeployment } from "../../src/deploy/deployment.js";
import { homeOf } from "../../src/home/endpoint.js";
import { scratchFolder } from "../support/folder.js";
import { scratchHome } from "../support/home.js";
import { DEPLOY } from "./deployed.js";

test("a deployment whose record can't be read keeps all that its servers kept, whatever is done to it", async (t) => {
  const home = await scratchHome(t);
  const folder = join(home.paths.home, "deployments/lab");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mlflow.db"), "runs");
  for (const record of ['{"format":2}', "{", ""]) {
    writeFileSync(join(folder, "deployment.json"), record);
    for (const words of [["lab"], ["stop", "lab"], ["destroy", "lab", "--yes"], ["status", "lab"]]) {
      const { code, stderr } = await home.here([...DEPLOY, ...words]);
      t.is(code, 1, words.join(" "));
      t.regex(stderr, /can't be read from .*deployment\.json[\s\S]*STEPWELL_DEPLOYMENT_INVALID/);
      t.true(existsSync(join(folder, "mlflow.db")), words.join(" "));
    }
    t.is((await home.here([...DEPLOY, "status"])).code, 0);
  }
});

test("a removal that was cut off leaves nothing that another deployment would begin on, and the next one ends it", async (t) => {
  const home = await scratchFolder(t);
  const paths = homeOf({ STEPWELL_HOME: home });
  const { deploymentsFolder: all } = paths;
  for (const name of [".gone-0123456789ab", "lab", "other"]) {
    mkdirSync(join(all, name), { recursive: true });
    writeFileSync(join(all, name, "mlflow.db"), "runs");
  }
  await removeDeployment(paths, "lab");
  t.deepEqual(readdirSync(all), ["other"]);
  await removeDeployment(paths, "other");
  t.false(existsSync(all));
});
