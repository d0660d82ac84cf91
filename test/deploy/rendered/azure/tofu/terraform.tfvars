resource_group  = "tracking"
bucket          = "runs"
storage_account = "teamruns"
namespace       = "mlflow-tracker"
