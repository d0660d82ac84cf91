import java.util.ArrayList;
import java.util.List;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.RunsPage;

/** A program of MLflow's Java client: its arguments are a tracking URI and an experiment's name. */
public final class GatewayProgram {
  private static final long BEGIN_MS = 1_700_000_000_000L;

  public static void main(String[] args) {
    MlflowClient client = new MlflowClient(args[0]);
    String experiment = client.createExperiment(args[1]);
    RunInfo run = client.createRun(experiment);
    String id = run.getRunId();
    System.out.println("run " + id);
    client.logParam(id, "lr", "0.1");
    client.setTag(id, "owner", "Jörg 漢");
    client.setTag(id, "gone", "soon");
    client.deleteTag(id, "gone");
    for (long step = 0; step < 20; step++) client.logMetric(id, "loss", 1.0 / (step + 1), BEGIN_MS + step, step);
    client.logMetric(id, "odd", Double.NaN, BEGIN_MS, 0);
    client.logMetric(id, "odd", Double.POSITIVE_INFINITY, BEGIN_MS, 1);
    client.logMetric(id, "odd", Double.NEGATIVE_INFINITY, BEGIN_MS, 9_007_199_254_740_993L);
    List<Metric> metrics = new ArrayList<>();
    for (long step = 0; step < 100; step++)
      metrics.add(
          Metric.newBuilder().setKey("acc").setValue(step / 100.0).setTimestamp(BEGIN_MS).setStep(step).build());
    List<Param> params = List.of(Param.newBuilder().setKey("batch").setValue("32").build());
    List<RunTag> tags = List.of(RunTag.newBuilder().setKey("phase").setValue("train").build());
    client.logBatch(id, metrics, params, tags);

    Run seen = client.getRun(id);
    System.out.println("metrics " + seen.getData().getMetricsCount());
    System.out.println("params " + seen.getData().getParamsCount());
    System.out.println("history " + client.getMetricHistory(id, "acc").size());
    client.setTerminated(id, RunStatus.FAILED, BEGIN_MS + 1_000);
    System.out.println("status " + client.getRun(id).getInfo().getStatus());
    String filter = "params.lr = '0.1' and metrics.acc > 0.5";
    RunsPage found = client.searchRuns(List.of(experiment), filter, ViewType.ACTIVE_ONLY, 10);
    System.out.println("found " + found.getItems().size());
    System.out.println("experiment " + client.getExperimentByName(args[1]).isPresent());
    try {
      client.logParam(id, "lr", "0.2");
      System.out.println("changed");
    } catch (MlflowHttpException refused) {
      System.out.println("refused " + refused.getStatusCode());
    }
    try {
      client.getRun("0".repeat(32));
    } catch (MlflowHttpException missing) {
      System.out.println("missing " + missing.getStatusCode());
    }
  }
}
