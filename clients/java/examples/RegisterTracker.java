import io.stepwell.Stepwell;
import io.stepwell.StepwellException;
import io.stepwell.v1.Component;
import io.stepwell.v1.Secret;
import java.util.Map;

/** Tells the daemon of an MLflow server and of its token, which no program has to know from then on. */
public class RegisterTracker {
  public static void main(String[] arguments) {
    try (Stepwell stepwell = Stepwell.open()) {
      Secret secret = stepwell.createSecret("mlflow", Map.of("token", "a token"));
      Component tracker =
          stepwell.registerTracker(
              "team",
              Map.of("tracking_uri", "https://mlflow.example.com", "tracking_token", "{{mlflow.token}}"));
      System.out.println(
          tracker.getName() + " uses the key " + secret.getKeys(0) + " of the secret " + secret.getName());
    } catch (StepwellException error) {
      System.err.println(error.code() + ": " + error.sentence() + " " + error.remedy());
      System.exit(1);
    }
  }
}
