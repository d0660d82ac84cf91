terraform {
  # Ephemeral values and write-only arguments.
  required_version = ">= 1.11"
  required_providers {
    google     = { source = "hashicorp/google", version = "~> 7.0" }
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
