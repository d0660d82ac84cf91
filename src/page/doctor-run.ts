/** Lets the doctor look at the home: the command does it, as a user would type it, once at a time. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StepwellError } from "../errors/stepwell-error.js";
import { privateFlags } from "../home/private-memory.js";
import { DOCTOR_MS_MAX } from "../model/limits.js";

/** The command is in build/, as what it starts is. */
const COMMAND = join(fileURLToPath(new URL("../../", import.meta.url)), "stepwell.js");
/** The command's own start and end. */
const MORE_MS = 15_000;
const ANSWER_BYTES_MAX = 1024 * 1024;

export class DoctorRun {
  #going: Promise<string> | undefined;

  /** The checks as JSON; of a visit that goes on its answer. Rejects where the doctor could not look. */
  async checks(): Promise<string> {
    this.#going ??= visit().finally(() => {
      this.#going = undefined;
    });
    return await this.#going;
  }
}

async function visit(): Promise<string> {
  const options = {
    timeout: DOCTOR_MS_MAX + MORE_MS,
    killSignal: "SIGKILL",
    maxBuffer: ANSWER_BYTES_MAX,
  } as const;
  const args = [...privateFlags(), COMMAND, "doctor", "-o", "json"];
  return await new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout) => {
      // It exits with 1 where it found something.
      if (stdout.startsWith("[")) resolve(stdout);
      else reject(new StepwellError("STEPWELL_INTERNAL", "The doctor gave no answer.", { cause: error }));
    });
  });
}
