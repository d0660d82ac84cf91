resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.namespace
  }
}

resource "kubernetes_service_account_v1" "mlflow" {
  metadata {
    name      = "mlflow"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }
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
    host     = google_sql_database_instance.mlflow.private_ip_address
    port     = "5432"
    dbname   = local.database_name
    uri = join("", [
      "postgresql://", local.database_user, ":", ephemeral.random_password.database.result, "@",
      google_sql_database_instance.mlflow.private_ip_address, ":5432/", local.database_name, "?sslmode=require",
    ])
  }
}

output "database_host" {
  value = google_sql_database_instance.mlflow.private_ip_address
}
