/** `ui`: the daemon's own page, or MLflow's. */
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { userName } from "../../home/user.js";
import type { Context } from "../context.js";
import { withDaemon } from "../daemon/with-daemon.js";
import { openBrowser } from "./open-browser.js";
import { sshWords, thisMachine } from "./ssh-words.js";
import type { MlflowPagesOptions } from "./ui-mlflow.js";

/** Options of `ui`. */
export interface UiOptions extends MlflowPagesOptions {
  readonly mlflow?: boolean;
}

/** Prints where the page is, and opens it. */
export async function ui(context: Context, options: UiOptions): Promise<number> {
  if (options.mlflow) return await (await import("./ui-mlflow.js")).mlflowPages(context, options);
  if (options.experimentTracker !== "" || options.port !== undefined)
    throw new StepwellError("STEPWELL_USAGE", "A tracker and a port are for MLflow's own pages.", {
      remedy: "Add --mlflow, or leave them out: the daemon's page shows the runs of all trackers.",
    });
  const { url } = await withDaemon(context, ({ gateway, call }) => call(gateway.openPage.bind(gateway), {}));
  context.stdout(`${url}\n`);
  context.stderr(sshWords(context.env, url, thisMachine(userName())) ?? "");
  if (options.open) openBrowser(url);
  return EXIT.ok;
}
