provider "google" {
  project = var.project
  region  = var.region
}

data "google_project" "this" {}

data "google_container_cluster" "this" {
  name     = var.cluster
  location = var.region
}

# Artifacts.
resource "google_storage_bucket" "artifacts" {
  name                        = var.bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  versioning {
    enabled = true
  }
}

# MLflow's pods have the bucket by their identity, without an account or a key in between.
resource "google_storage_bucket_iam_member" "mlflow" {
  bucket = google_storage_bucket.artifacts.name
  role   = "roles/storage.objectUser"
  member = join("", [
    "principal://iam.googleapis.com/projects/", data.google_project.this.number,
    "/locations/global/workloadIdentityPools/", var.project, ".svc.id.goog",
    "/subject/ns/", var.namespace, "/sa/", kubernetes_service_account_v1.mlflow.metadata[0].name,
  ])
}

# The database, in two zones: a commit waits until both have it. The cluster's network needs private services access.
resource "google_sql_database_instance" "mlflow" {
  name                = "mlflow-tracker"
  database_version    = "POSTGRES_17"
  region              = var.region
  deletion_protection = true
  settings {
    edition           = "ENTERPRISE"
    tier              = var.database_size
    availability_type = "REGIONAL"
    disk_type         = "PD_SSD"
    disk_size         = 50
    disk_autoresize   = true
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
    ip_configuration {
      ipv4_enabled    = false
      private_network = data.google_container_cluster.this.network
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}

resource "google_sql_database" "mlflow" {
  name      = local.database_name
  instance  = google_sql_database_instance.mlflow.name
  collation = "C"
  charset   = "UTF8"
}

resource "google_sql_user" "mlflow" {
  name                = local.database_user
  instance            = google_sql_database_instance.mlflow.name
  password_wo         = ephemeral.random_password.database.result
  password_wo_version = var.password_version
}
