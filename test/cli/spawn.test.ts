import test from "ava";
import { daemonEnvironment } from "../../src/cli/daemon/spawn.js";

test("a daemon gets the allow-listed environment and no credential of the shell that starts it", (t) => {
  const wanted = {
    PATH: "/bin",
    HOME: "/h",
    XDG_RUNTIME_DIR: "/run",
    LC_ALL: "C",
    TMPDIR: "/t",
    DBUS_SESSION_BUS_ADDRESS: "unix:x",
    STEPWELL_HOME: "/home",
  };
  const unwanted = {
    MLFLOW_TRACKING_PASSWORD: "secret",
    AWS_SECRET_ACCESS_KEY: "secret",
    NODE_OPTIONS: "--inspect",
    LD_PRELOAD: "x.so",
    STEPWELL_ENDPOINT: "unix:/other",
    STEPWELL_AUTOSTART: "0",
    STEPWELL_COMMAND: "x",
  };
  t.deepEqual(daemonEnvironment({ ...wanted, ...unwanted }), wanted);
});
