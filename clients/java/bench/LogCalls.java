import io.stepwell.Run;
import io.stepwell.Stepwell;

/** How many log calls a second are durable: from the first call to the acknowledgement of the last one. */
public class LogCalls {
  public static void main(String[] arguments) throws Exception {
    int calls = Integer.parseInt(arguments.length > 0 ? arguments[0] : "5000000");
    try (Stepwell stepwell = Stepwell.open();
        Run run = stepwell.run().experiment("bench").start()) {
      run.logMetric("loss", 0);
      stepwell.flush();
      for (int round = 0; round < 4; round++) {
        long begin = System.nanoTime();
        for (int step = 0; step < calls; step++) run.logMetric("loss", step * 0.5, step);
        long logged = System.nanoTime();
        stepwell.flush();
        long end = System.nanoTime();
        System.out.printf(
            "%d calls: %.0f ns a call, %,.0f durable a second, dropped %d%n",
            calls, (logged - begin) / (double) calls, calls * 1e9 / (end - begin), stepwell.stats().dropped());
      }
    }
  }
}
