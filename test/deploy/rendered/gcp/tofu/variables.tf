# Of stepwell experiment-tracker deploy mlflow_tracker. What terraform.tfvars leaves out, tofu asks for.
variable "project" {
  description = "of Google Cloud"
  type        = string
}

variable "region" {
  description = "of Google Cloud"
  type        = string
}

variable "cluster" {
  description = "the GKE cluster's name"
  type        = string
}

variable "bucket" {
  description = "where artifacts are kept; it is made"
  type        = string
}

variable "namespace" {
  description = "of Kubernetes; it is made"
  type        = string
}

variable "database_size" {
  description = "of the database's machine"
  type        = string
  default     = "db-custom-2-8192"
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
