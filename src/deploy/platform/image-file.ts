/** MLflow's image: MLflow has none with users, PostgreSQL and a bucket's client in it that is pinned. */
import type { Platform } from "./platform.js";

const DRIVER = "psycopg2-binary==2.9.13";
/** What a bucket of a scheme needs. */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  s3: ["boto3==1.44.8"],
  gs: ["google-cloud-storage==3.17.1"],
  abfss: ["azure-storage-file-datalake==12.26.1", "azure-identity==1.27.0"],
  wasbs: ["azure-storage-blob==12.31.1", "azure-identity==1.27.0"],
};

/** The Containerfile. */
export function imageFile({ mlflowVersion, mlflowImage, bucket }: Platform): string {
  const scheme = bucket?.uri.split(":")[0] ?? "";
  const packages = [`mlflow[auth]==${mlflowVersion}`, DRIVER, ...(CLIENTS[scheme] ?? [])];
  return `# MLflow's server. Build it in this folder, and push it to where your cluster pulls from:
#   podman build -f mlflow.Containerfile -t ${mlflowImage} .
FROM docker.io/library/python:3.12-slim
RUN pip install --no-cache-dir \\
${packages.map((each) => `    '${each}'`).join(" \\\n")}
USER 1000
`;
}
