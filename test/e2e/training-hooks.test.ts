/** The hooks of Keras and of Hugging Face's Trainer, in the real packages; whole trainings are run by hand (training_hooks.py). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, scratchHome } from "../support/home.js";
import {
  MLFLOW_3,
  PYTHON_ENVIRONMENT_MS_MAX,
  type PythonRequirements,
} from "../support/python-environment.js";
import { startPython } from "../support/python-steps.js";
import { serialTestWith } from "../support/test-with.js";

/** Keras computes with OpenVINO here, the one backend that takes less than 500 MB. It evaluates, and trains nothing. */
const KERAS: PythonRequirements = {
  name: "keras",
  requirements: [
    "keras==3.15.1",
    "openvino==2026.4.1",
    "scipy==1.17.1",
    "grpclib==0.4.9",
    "protobuf==6.33.6",
  ],
  pythons: ["3.12", "3.11", "3.13"],
};

const PROGRAM = readFileSync(join(ROOT, "test/e2e/training_hooks.py"), "utf8");

interface Shown {
  readonly run_id: string;
  readonly run_name: string;
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
}

for (const [host, wanted, expected] of [
  [
    "keras",
    KERAS,
    {
      params: { epochs: "2", steps: "4", optimizer: "adam" },
      metrics: ["batch/loss", "loss", "test/loss", "test/mae", "val_loss", "val_mae"],
      said: /^$/,
    },
  ],
  [
    "transformers",
    MLFLOW_3,
    {
      params: { learning_rate: "0.1", "nested/a": "1" },
      metrics: ["epoch", "loss"],
      said: /STEPWELL_VALUE_TOO_LONG: The param 'long' has 6001 characters/,
    },
  ],
] as const) {
  serialTestWith(wanted)(
    `${host}: its hook begins one run, logs what the host measures and its settings, and ends it`,
    async (t) => {
      t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
      const home = await scratchHome(t);
      const quiet = { STEPWELL_QUIET: "1", TRANSFORMERS_VERBOSITY: "error" };
      const program = await startPython(home, PROGRAM, [`${host}-parts`], quiet, [], wanted);
      const { code, stderr } = await program.ended;
      t.is(code, 0, stderr);
      t.regex(stderr, expected.said);
      t.is((await home.here(["flush"])).code, 0);
      const runs = (await home.json(["runs", "list"])) as readonly Shown[];
      t.deepEqual(
        runs.map(({ run_name, status }) => [run_name, status]),
        [[host, "FINISHED"]],
      );
      const run = (await home.json(["runs", "show", runs[0]?.run_id ?? ""])) as Shown;
      t.like(run.params, expected.params);
      t.deepEqual(Object.keys(run.metrics).sort(), [...expected.metrics]);
    },
  );
}
