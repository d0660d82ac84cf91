# Of stepwell experiment-tracker deploy mlflow_tracker. What terraform.tfvars leaves out, tofu asks for.
variable "resource_group" {
  description = "of Azure, where all of it goes"
  type        = string
}

variable "cluster" {
  description = "the AKS cluster's name, in that group"
  type        = string
}

variable "subnet_id" {
  description = "a subnet delegated to PostgreSQL flexible servers"
  type        = string
}

variable "private_dns_zone_id" {
  description = "a private DNS zone that ends with postgres.database.azure.com"
  type        = string
}

variable "bucket" {
  description = "where artifacts are kept; it is made"
  type        = string
}

variable "storage_account" {
  description = "which the container is in; it is made"
  type        = string
}

variable "namespace" {
  description = "of Kubernetes; it is made"
  type        = string
}

variable "database_size" {
  description = "of the database's machine"
  type        = string
  default     = "GP_Standard_D2ds_v5"
}

variable "password_version" {
  description = "raise it for another password of the database"
  type        = number
  default     = 1
}

variable "kubeconfig" {
  description = "the file that says how the cluster is reached"
  type        = string
  default     = "~/.kube/config"
}

variable "kube_context" {
  description = "the context in it; the current one unless given"
  type        = string
  default     = null
}
