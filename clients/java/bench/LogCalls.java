import io.stepwell.Run;
import io.stepwell.Stepwell;
import java.util.Locale;

/**
 * What a log call costs, and how many are durable in a second: from the first call to the acknowledgement of the last
 * one. Prints a line of JSON. Its argument: how many calls. Calls before that let the virtual machine compile them.
 */
public class LogCalls {
  private static final int WARM_CALLS = 1_000_000;

  public static void main(String[] arguments) throws Exception {
    int calls = Integer.parseInt(arguments.length > 0 ? arguments[0] : "5000000");
    try (Stepwell stepwell = Stepwell.open();
        Run run = stepwell.run().experiment("bench").start()) {
      log(run, WARM_CALLS);
      stepwell.flush();
      long begin = System.nanoTime();
      log(run, calls);
      long logged = System.nanoTime();
      stepwell.flush();
      long end = System.nanoTime();
      System.out.printf(
          Locale.ROOT,
          "{\"points\": %d, \"ns_per_call\": %.1f, \"durable_per_second\": %.0f, \"dropped\": %d}%n",
          calls,
          (logged - begin) / (double) calls,
          calls * 1e9 / (end - begin),
          stepwell.stats().dropped());
    }
  }

  private static void log(Run run, int calls) {
    for (int step = 0; step < calls; step++) run.logMetric("loss", step * 0.5, step);
  }
}
