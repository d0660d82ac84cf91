import test from "ava";
import { versionVerdict, worksTogether } from "../../src/cli/daemon/version-rule.js";

for (const [command, daemon, verdict] of [
  ["1.2.3", "1.2.3", "use"],
  ["1.2.3", "1.2.4", "use"],
  ["1.2.3", "1.3.9", "use"],
  ["1.2.3", "1.4.0", "mismatch"],
  ["1.2.3", "2.0.0", "mismatch"],
  ["1.2.3", "1.2.2", "replace"],
  ["1.10.0", "1.9.0", "replace"],
  ["2.0.0", "1.0.0", "replace"],
  ["1.2.3", "1.2.3-rc.1", "replace"],
  ["1.2.3-rc.10", "1.2.3-rc.9", "replace"],
  ["1.2.3-rc.1", "1.2.3", "use"],
  ["1.2.3-rc.1", "1.2.3-rc.1.1", "use"],
  ["1.2.3-alpha", "1.2.3-1", "replace"],
  ["1.2.3+build", "1.2.3", "use"],
  ["1.2.3", "", "mismatch"],
  ["1.2.3", "1.2", "mismatch"],
] as const) {
  test(`a command of version ${command} meets a daemon of "${daemon}": ${verdict}`, (t) => {
    t.is(versionVerdict(command, daemon), verdict);
  });
}

test("where nothing may be replaced, one minor version apart works in both directions", (t) => {
  t.true(worksTogether("1.2.0", "1.1.9"));
  t.true(worksTogether("1.2.0", "1.3.0"));
  t.false(worksTogether("1.3.0", "1.1.0"));
  t.false(worksTogether("2.0.0", "1.9.0"));
});
