region    = "eu-west-1"
cluster   = "training"
bucket    = "runs-of-a-team"
namespace = "mlflow-tracker"
