import { StepwellError } from "../../errors/stepwell-error.js";

/** Where people look at a tracker's runs. */
export type TrackerPage =
  | {
      readonly kind: "link";
      readonly url: string;
      /** Whether it is the page itself, and not the address of a server of pages. */
      readonly isWhole?: true;
    }
  | { readonly kind: "store"; readonly databasePath: string; readonly artifactRoot: string };

/** Of a tracker beside a local artifact store's folder. Throws STEPWELL_CONFIG_INVALID where nobody here can tell. */
export function trackerPage(
  {
    name,
    configuration,
  }: { readonly name: string; readonly configuration: Readonly<Record<string, string>> },
  artifactFolder: string,
): TrackerPage {
  const uri = configuration["tracking_uri"];
  const artifactRoot = `${artifactFolder}/mlflow_artifacts`;
  if (uri === undefined) return { kind: "store", databasePath: `${artifactFolder}/mlflow.db`, artifactRoot };
  if (/^https?:/i.test(uri)) return { kind: "link", url: uri };
  const [, databasePath] = /^sqlite:\/\/\/(.*)$/i.exec(uri) ?? [];
  if (databasePath !== undefined) return { kind: "store", databasePath, artifactRoot };
  const host = configuration["databricks_host"];
  if (/^databricks/i.test(uri) && host !== undefined && !host.includes("{{"))
    return { kind: "link", url: `${host.replace(/\/+$/, "")}/ml/experiments`, isWhole: true };
  throw new StepwellError(
    "STEPWELL_CONFIG_INVALID",
    `The address of the pages of ${JSON.stringify(name)} is known to nobody here: its tracking_uri is no page's.`,
  );
}
