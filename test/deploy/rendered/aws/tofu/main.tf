provider "aws" {
  region = var.region
}

data "aws_eks_cluster" "this" {
  name = var.cluster
}

# Artifacts.
resource "aws_s3_bucket" "artifacts" {
  bucket = var.bucket
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  versioning_configuration {
    status = "Enabled"
  }
}

# MLflow's pods have the bucket by their identity. The cluster needs the add-on eks-pod-identity-agent.
data "aws_iam_policy_document" "pods" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "artifacts" {
  statement {
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.artifacts.arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }
}

resource "aws_iam_role" "mlflow" {
  name_prefix        = "mlflow-tracker-"
  assume_role_policy = data.aws_iam_policy_document.pods.json
}

resource "aws_iam_role_policy" "artifacts" {
  name   = "artifacts"
  role   = aws_iam_role.mlflow.id
  policy = data.aws_iam_policy_document.artifacts.json
}

resource "aws_eks_pod_identity_association" "mlflow" {
  cluster_name    = var.cluster
  namespace       = var.namespace
  service_account = kubernetes_service_account_v1.mlflow.metadata[0].name
  role_arn        = aws_iam_role.mlflow.arn
}

# The database, in two zones: a commit waits until both have it.
resource "aws_db_subnet_group" "mlflow" {
  name_prefix = "mlflow-tracker-"
  subnet_ids  = data.aws_eks_cluster.this.vpc_config[0].subnet_ids
}

resource "aws_security_group" "database" {
  name_prefix = "mlflow-tracker-database-"
  vpc_id      = data.aws_eks_cluster.this.vpc_config[0].vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = data.aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "mlflow" {
  name_prefix = "mlflow-tracker-"
  family      = "postgres17"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "mlflow" {
  identifier_prefix         = "mlflow-tracker-"
  engine                    = "postgres"
  engine_version            = "17"
  instance_class            = var.database_size
  allocated_storage         = 50
  max_allocated_storage     = 1000
  storage_type              = "gp3"
  storage_encrypted         = true
  multi_az                  = true
  db_name                   = local.database_name
  username                  = local.database_user
  password_wo               = ephemeral.random_password.database.result
  password_wo_version       = var.password_version
  db_subnet_group_name      = aws_db_subnet_group.mlflow.name
  vpc_security_group_ids    = [aws_security_group.database.id]
  parameter_group_name      = aws_db_parameter_group.mlflow.name
  backup_retention_period   = 14
  copy_tags_to_snapshot     = true
  deletion_protection       = true
  final_snapshot_identifier = "mlflow-tracker-final"
}
