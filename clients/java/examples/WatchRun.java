import io.stepwell.Run;
import io.stepwell.Stepwell;
import io.stepwell.Watch;
import io.stepwell.v1.Status;
import java.time.Duration;

/** Logs a run, and watches the daemon until it has all of it on disk. */
public class WatchRun {
  public static void main(String[] arguments) throws Exception {
    try (Stepwell stepwell = Stepwell.open();
        Watch states = stepwell.watchState(Duration.ofMillis(100))) {
      long before = states.next().getJournaledPoints();
      stepwell.run().experiment("watched").during(WatchRun::log);
      long journaled = 0;
      while (journaled < 10_000 && states.hasNext()) {
        Status state = states.next();
        journaled = state.getJournaledPoints() - before;
        System.out.println(journaled + " points are on disk, " + state.getQueuedPoints() + " wait for MLflow");
      }
    }
  }

  private static void log(Run run) {
    for (int step = 0; step < 10_000; step++) run.logMetric("loss", 1.0 / (step + 1), step);
  }
}
