provider "azurerm" {
  features {}
  # Storage accounts here have no keys.
  storage_use_azuread = true
}

data "azurerm_resource_group" "this" {
  name = var.resource_group
}

# It needs the OIDC issuer and the workload identity.
data "azurerm_kubernetes_cluster" "this" {
  name                = var.cluster
  resource_group_name = var.resource_group
}

# Artifacts.
resource "azurerm_storage_account" "artifacts" {
  name                            = var.storage_account
  resource_group_name             = var.resource_group
  location                        = data.azurerm_resource_group.this.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  is_hns_enabled                  = true
  shared_access_key_enabled       = false
  allow_nested_items_to_be_public = false
  min_tls_version                 = "TLS1_2"
}

resource "azurerm_storage_container" "artifacts" {
  name               = var.bucket
  storage_account_id = azurerm_storage_account.artifacts.id
}

# MLflow's pods have the container by their identity.
resource "azurerm_user_assigned_identity" "mlflow" {
  name                = "mlflow-tracker-mlflow"
  resource_group_name = var.resource_group
  location            = data.azurerm_resource_group.this.location
}

resource "azurerm_federated_identity_credential" "mlflow" {
  name                = "mlflow-tracker-mlflow"
  resource_group_name = var.resource_group
  parent_id           = azurerm_user_assigned_identity.mlflow.id
  issuer              = data.azurerm_kubernetes_cluster.this.oidc_issuer_url
  audience            = ["api://AzureADTokenExchange"]
  subject             = "system:serviceaccount:${var.namespace}:mlflow"
}

resource "azurerm_role_assignment" "artifacts" {
  scope                = azurerm_storage_container.artifacts.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.mlflow.principal_id
}

# The database, in two zones: a commit waits until both have it.
resource "azurerm_postgresql_flexible_server" "mlflow" {
  name                              = "mlflow-tracker"
  resource_group_name               = var.resource_group
  location                          = data.azurerm_resource_group.this.location
  version                           = "17"
  sku_name                          = var.database_size
  storage_mb                        = 65536
  auto_grow_enabled                 = true
  zone                              = "1"
  delegated_subnet_id               = var.subnet_id
  private_dns_zone_id               = var.private_dns_zone_id
  public_network_access_enabled     = false
  administrator_login               = local.database_user
  administrator_password_wo         = ephemeral.random_password.database.result
  administrator_password_wo_version = var.password_version
  backup_retention_days             = 14
  high_availability {
    mode                      = "ZoneRedundant"
    standby_availability_zone = "2"
  }
}

resource "azurerm_postgresql_flexible_server_database" "mlflow" {
  name      = local.database_name
  server_id = azurerm_postgresql_flexible_server.mlflow.id
  charset   = "UTF8"
  collation = "C"
  lifecycle {
    prevent_destroy = true
  }
}
