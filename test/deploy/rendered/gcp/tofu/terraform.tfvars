bucket    = "my_bucket"
namespace = "mlflow-tracker"
