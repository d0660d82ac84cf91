import io.stepwell.Run;
import io.stepwell.Stepwell;
import java.util.Map;

/** Trains a line by gradient descent, and logs each step. */
public class TrainAndLog {
  public static void main(String[] arguments) throws Exception {
    double[] inputs = {0, 1, 2, 3};
    double[] outputs = {1, 3, 5, 7};
    double rate = 0.05;
    double slope = 0;
    double offset = 0;
    try (Stepwell stepwell = Stepwell.open();
        Run run = stepwell.run().experiment("lines").name("descent").start()) {
      run.logParams(Map.of("rate", rate, "points", inputs.length));
      for (int step = 0; step < 1_000; step++) {
        double loss = 0;
        double slopeGradient = 0;
        double offsetGradient = 0;
        for (int at = 0; at < inputs.length; at++) {
          double error = slope * inputs[at] + offset - outputs[at];
          loss += error * error / inputs.length;
          slopeGradient += 2 * error * inputs[at] / inputs.length;
          offsetGradient += 2 * error / inputs.length;
        }
        slope -= rate * slopeGradient;
        offset -= rate * offsetGradient;
        run.logMetric("loss", loss, step);
      }
      run.logSeries("prediction", new long[] {4, 5}, new double[] {slope * 4 + offset, slope * 5 + offset});
      run.setTag("slope", slope);
      run.logText("y = " + slope + " x + " + offset, "line.txt");
      stepwell.flush(); // waits until all of it is on the daemon's disk
      System.out.println(run.id());
    }
  }
}
