/**
 * What OpenTofu makes in a cloud beside a cluster that is there: the database, the bucket, who may use it, and in the cluster the
 * namespace with what the manifests refer to. No password is in tofu's state: it is ephemeral, and written to the
 * database and the secret alone (tofu 1.11 or newer).
 */
import { type Cloud, cloudOf, type Platform } from "./platform.js";
import { VARIABLES } from "./platform-settings.js";
import { awsFile } from "./tofu-aws.js";
import { azureFile } from "./tofu-azure.js";
import { gcpFile } from "./tofu-gcp.js";

const PROVIDERS: Readonly<Record<Cloud, string>> = {
  aws: `aws = { source = "hashicorp/aws", version = "~> 6.0" }`,
  gcp: `google = { source = "hashicorp/google", version = "~> 7.0" }`,
  azure: `azurerm = { source = "hashicorp/azurerm", version = "~> 4.40" }`,
};

/** Files by their path below the folder; none where no cloud is. */
export function tofuFiles(platform: Platform): Record<string, string> {
  const cloud = cloudOf(platform);
  if (cloud === undefined) return {};
  return {
    "versions.tf": versions(cloud),
    "variables.tf": variables(platform, cloud),
    "main.tf": { aws: awsFile, gcp: gcpFile, azure: azureFile }[cloud](platform),
    "cluster.tf": inCluster(platform, cloud),
    "terraform.tfvars": values(platform),
  };
}

function versions(cloud: Cloud): string {
  return `terraform {
  # Ephemeral values and write-only arguments.
  required_version = ">= 1.11"
  required_providers {
    ${PROVIDERS[cloud].replace(/^(\w+) = /, (_, name: string) => `${name.padEnd(10)} = `)}
    kubernetes = { source = "hashicorp/kubernetes", version = "~> 2.38" }
    random     = { source = "hashicorp/random", version = "~> 3.7" }
  }
  # Keep the state where your team keeps it: add a backend block here.
}

# Your kubeconfig says how the cluster is reached.
provider "kubernetes" {
  config_path    = var.kubeconfig
  config_context = var.kube_context
}
`;
}

function variables({ name }: Platform, cloud: Cloud): string {
  const known = VARIABLES[cloud].map((each) => variable(each.name, each.meaning));
  return `# Of stepwell experiment-tracker deploy ${name}. What terraform.tfvars leaves out, tofu asks for.
${known.join("\n")}
${variable("bucket", "where artifacts are kept; it is made")}
${cloud === "azure" ? `${variable("storage_account", "which the container is in; it is made")}\n` : ""}${variable("namespace", "of Kubernetes; it is made")}
${variable("database_size", "of the database's machine", `"${SIZES[cloud]}"`)}
${variable("password_version", "raise it for another password of the database", "1", "number")}
${variable("kubeconfig", "the file that says how the cluster is reached", '"~/.kube/config"')}
${variable("kube_context", "the context in it; the current one unless given", "null")}`;
}

const SIZES: Readonly<Record<Cloud, string>> = {
  aws: "db.m7g.large",
  gcp: "db-custom-2-8192",
  azure: "GP_Standard_D2ds_v5",
};

function variable(name: string, description: string, fallback?: string, type = "string"): string {
  const lines = [`  description = "${description}"`, `  type        = ${type}`];
  if (fallback !== undefined) lines.push(`  default     = ${fallback}`);
  return `variable "${name}" {\n${lines.join("\n")}\n}\n`;
}

function values({ bucket, namespace, variables: given, provider }: Platform): string {
  const pairs = {
    ...given,
    bucket: bucket?.name ?? "",
    ...(provider === "azure" ? { storage_account: bucket?.account ?? "" } : {}),
    namespace,
  };
  const width = Math.max(...Object.keys(pairs).map((name) => name.length));
  return Object.entries(pairs)
    .map(([name, value]) => `${name.padEnd(width)} = ${JSON.stringify(value)}\n`)
    .join("");
}

/** The secret is as CloudNativePG makes it, so that the manifests are the same everywhere. */
function inCluster({ provider }: Platform, cloud: Cloud): string {
  const identity =
    provider === "azure"
      ? `    annotations = {
      "azure.workload.identity/client-id" = azurerm_user_assigned_identity.mlflow.client_id
    }
`
      : "";
  return `resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.namespace
  }
}

resource "kubernetes_service_account_v1" "mlflow" {
  metadata {
    name      = "mlflow"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
${identity}  }
}

ephemeral "random_password" "database" {
  length  = 40
  special = false
}

locals {
  database_user = "mlflow"
  database_name = "mlflow"
}

resource "kubernetes_secret_v1" "database" {
  metadata {
    name      = "database-app"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
  data_wo_revision = var.password_version
  data_wo = {
    username = local.database_user
    password = ephemeral.random_password.database.result
    host     = ${HOSTS[cloud]}
    port     = "5432"
    dbname   = local.database_name
    uri = join("", [
      "postgresql://", local.database_user, ":", ephemeral.random_password.database.result, "@",
      ${HOSTS[cloud]}, ":5432/", local.database_name, "?sslmode=require",
    ])
  }
}

output "database_host" {
  value = ${HOSTS[cloud]}
}
`;
}

const HOSTS: Readonly<Record<Cloud, string>> = {
  aws: "aws_db_instance.mlflow.address",
  gcp: "google_sql_database_instance.mlflow.private_ip_address",
  azure: "azurerm_postgresql_flexible_server.mlflow.fqdn",
};
