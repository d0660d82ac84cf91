/** Files and values with a byte-order mark, and files that are no UTF-8. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { readValue } from "../../src/cli/input/value-file.js";
import { checkSecretValues } from "../../src/secrets/secret.js";
import { checkedConfiguration } from "../../src/stacks/flavors.js";
import { scratchFolder } from "../support/folder.js";

const MARK = "\ufeff";

test("the byte-order mark that an editor puts before a file is no part of its value", async (t) => {
  const file = join(await scratchFolder(t), "token");
  writeFileSync(file, `${MARK}secret-token\r\n`);
  t.is(readValue(`@${file}`), "secret-token");
});

test("a file that is no UTF-8 is refused: its value would be another", async (t) => {
  const file = join(await scratchFolder(t), "token");
  for (const bytes of [Buffer.from("secret", "utf16le").subarray(0, 5), Buffer.from([0xff, 0xfe, 0x61, 0])]) {
    writeFileSync(file, Buffer.concat([Buffer.from([0xff]), bytes]));
    t.like(
      t.throws(() => readValue(`@${file}`)),
      { code: "STEPWELL_USAGE" },
    );
  }
});

test("secrets and settings that begin with a byte-order mark are refused at once; no error shows a value", (t) => {
  const secret = t.throws(() => checkSecretValues({ token: `${MARK}hunter2` }));
  t.like(secret, { code: "STEPWELL_SECRET_INVALID" });
  t.regex(secret?.message ?? "", /"token" begins with a byte-order mark/);
  for (const setting of ["tracking_token", "tracking_password", "tracking_uri", "experiment_name"]) {
    const wanted = { tracking_uri: "http://h", tracking_username: "ann", [setting]: `${MARK}hunter2` };
    const error = t.throws(() => checkedConfiguration("experiment_tracker", "mlflow", wanted));
    t.like(error, { code: "STEPWELL_CONFIG_INVALID" }, setting);
    t.notRegex(error?.message ?? "", /hunter2/);
  }
});
