/** `ui --mlflow`: MLflow's own pages for the active stack's tracker. */
import { existsSync } from "node:fs";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { FilterOperator } from "../../gen/stepwell/v1/lists.js";
import { ComponentType } from "../../gen/stepwell/v1/stacks.js";
import { environmentWithFolder } from "../../home/user.js";
import { readEnvironment } from "../../mlflow/managed/environment.js";
import { freePort, servePages } from "../../mlflow/managed/serve-pages.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { askDaemon } from "../daemon/with-daemon.js";
import { openBrowser } from "./open-browser.js";
import { type TrackerPage, trackerPage } from "./tracker-page.js";

/** Options of `ui --mlflow`. */
export interface MlflowPagesOptions {
  readonly experimentTracker: string;
  readonly port?: number;
  readonly open: boolean;
}

/** Where a server has its pages, or pages of a local store until somebody ends it. */
export async function mlflowPages(context: Context, options: MlflowPagesOptions): Promise<number> {
  const { page, experimentId } = await pageOf(context, options.experimentTracker);
  if (page.kind === "link") {
    const link = page.isWhole ? page.url : experimentLink(page.url, experimentId);
    context.stdout(`${link}\n`);
    if (options.open) openBrowser(link);
    return EXIT.ok;
  }
  const environment = readEnvironment(context.paths);
  if (!environment)
    throw new StepwellError("STEPWELL_INTEGRATION_MISSING", "MLflow is not installed in this home.");
  if (!existsSync(page.databasePath))
    throw new StepwellError(
      "STEPWELL_STORE_EMPTY",
      `There is nothing to show yet: ${page.databasePath} comes with the first delivery.`,
    );
  const port = await freePort(options.port);
  return servePages(
    {
      ...{ databasePath: page.databasePath, artifactRoot: page.artifactRoot, port },
      interpreter: environment.interpreter,
      env: environmentWithFolder(context.env, context.paths.home),
      folder: context.paths.home,
    },
    (url) => {
      const link = experimentLink(url, experimentId);
      context.stdout(`${link}\n`);
      if (options.open) openBrowser(link);
    },
  );
}

/** The page of an experiment, where one is known. */
function experimentLink(url: string, experimentId: string): string {
  return experimentId === ""
    ? url
    : `${url.replace(/\/+$/, "")}/#/experiments/${encodeURIComponent(experimentId)}`;
}

async function pageOf(context: Context, tracker: string): Promise<AskedPage> {
  const page = await askDaemon(context, (connection) => askPage(context, connection, tracker));
  if (page) return page;
  throw new StepwellError("STEPWELL_COMPONENT_UNKNOWN", "The active stack has no experiment tracker.");
}

/** A page, and the experiment of the tracker's newest run; empty where none is known. */
interface AskedPage {
  readonly page: TrackerPage;
  readonly experimentId: string;
}

async function askPage(
  context: Context,
  { stacks, runs, call }: Connection,
  tracker: string,
): Promise<AskedPage | undefined> {
  const type = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;
  const { component } = await call(stacks.getComponent.bind(stacks), { type, component: tracker });
  const { stack } = await call(stacks.getStack.bind(stacks), { stack: "" });
  const folder = stack?.artifactStore?.configuration["path"] ?? context.paths.artifactStoreFolder;
  if (!component) return undefined;
  const filter = { field: "tracker", operator: FilterOperator.FILTER_OPERATOR_EQUALS, value: component.name };
  const newest = { filters: [filter], anyFilter: false, sortBy: "", descending: false, offset: 0, limit: 20 };
  const listed = await call(runs.listRuns.bind(runs), { options: newest, filter: "", orderBy: [] });
  const deliveries = listed.runs.flatMap((run) => run.deliveries);
  const known = deliveries.find((each) => each.tracker === component.name && each.mlflowExperimentId !== "");
  return { page: trackerPage(component, folder), experimentId: known?.mlflowExperimentId ?? "" };
}
