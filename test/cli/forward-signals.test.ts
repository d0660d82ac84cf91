import test from "ava";
import { forwardSignals } from "../../src/cli/commands/forward-signals.js";

for (const isAtTerminal of [true, false])
  test.serial(
    `a signal before the program is there is not lost, ${isAtTerminal ? "at a terminal" : "elsewhere"}`,
    (t) => {
      const forwarding = forwardSignals(isAtTerminal);
      t.teardown(() => forwarding.stop());
      const got: unknown[] = [];
      process.emit("SIGINT", "SIGINT");
      process.emit("SIGUSR1", "SIGUSR1");
      t.true(forwarding.hasForwarded());
      forwarding.to({ kill: (signal) => got.push(signal) > 0 });
      t.deepEqual(got, ["SIGINT", "SIGUSR1"]);
      process.emit("SIGINT", "SIGINT");
      process.emit("SIGTERM", "SIGTERM");
      // A terminal sends Ctrl-C to the program itself: it would come twice.
      t.deepEqual(got.slice(2), isAtTerminal ? ["SIGTERM"] : ["SIGINT", "SIGTERM"]);
    },
  );
