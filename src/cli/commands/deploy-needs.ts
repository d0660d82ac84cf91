/** What a deployment on this machine needs beside MLflow. */
import type { Deployment } from "../../deploy/deployment.js";
import { hasPostgres } from "../../deploy/local-parts.js";
import { bucketPackage } from "../../deploy/local-settings.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { environmentWithFolder, userId } from "../../home/user.js";
import { type MlflowEnvironment, readEnvironment } from "../../mlflow/managed/environment.js";
import { missingModules } from "../../mlflow/managed/missing-modules.js";
import { findPostgres, hasPrograms } from "../../mlflow/managed/postgres-programs.js";
import type { Context } from "../context.js";

/** What there is. */
export interface LocalNeeds {
  readonly environment: MlflowEnvironment;
  /** The folder of PostgreSQL's programs; empty where it needs none. */
  readonly postgresPrograms: string;
}

/** Throws STEPWELL_INTEGRATION_MISSING for what would only be missed in the middle of a start, or at an upload. */
export async function findNeeds(
  { env, paths }: Context,
  deployment: Pick<Deployment, "settings">,
): Promise<LocalNeeds> {
  const environment = readEnvironment(paths);
  if (!environment) throw lacking("A deployment needs MLflow, which is not installed.");
  const { interpreter } = environment;
  const surroundings = environmentWithFolder(env, paths.home);
  const { settings } = deployment;
  const bucket = bucketPackage(settings["mlflow_bucket"] ?? "");
  const hasDatabase = hasPostgres(deployment);
  const wanted = ["flask_wtf", ...(bucket ? [bucket.module] : []), ...(hasDatabase ? ["psycopg2"] : [])];
  const missing = await missingModules(interpreter, surroundings, wanted);
  const names = [
    ...(missing.includes("flask_wtf") ? ["Flask-WTF"] : []),
    ...(bucket && missing.includes(bucket.module) ? [bucket.name] : []),
  ].join(" ");
  if (names !== "")
    throw lacking(
      `The MLflow that is installed lacks what the deployment needs: ${names}.`,
      `Install it: python3 -m pip --python ${interpreter} install ${names}.`,
    );
  if (!hasDatabase) return { environment, postgresPrograms: "" };
  refuseRoot();
  const given = settings["postgres_bin"];
  const found = given ?? (await findPostgres(interpreter, surroundings));
  const remedy = "Install it: stepwell integration install postgresql -y.";
  if (missing.includes("psycopg2")) throw lacking("MLflow has no driver for PostgreSQL.", remedy);
  if (found === undefined) throw lacking("There is no PostgreSQL on this machine.", remedy);
  if (!hasPrograms(found)) throw lacking(`There is no PostgreSQL in ${found}.`, remedy);
  return { environment, postgresPrograms: found };
}

function refuseRoot(): void {
  if (userId() !== 0) return;
  const remedy = "Give the command as another user, or leave out -x database=postgresql.";
  throw lacking("PostgreSQL does not run as root.", remedy);
}

function lacking(sentence: string, remedy?: string): StepwellError {
  return new StepwellError("STEPWELL_INTEGRATION_MISSING", sentence, remedy === undefined ? {} : { remedy });
}
