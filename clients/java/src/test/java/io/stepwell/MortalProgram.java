package io.stepwell;

/** Logs until it is killed, and says how many calls have returned. */
final class MortalProgram {
  private MortalProgram() {}

  public static void main(String[] arguments) {
    Run run = Stepwell.open().run().name("mortal").start();
    System.out.println(run.id());
    for (long step = 0; ; step++) {
      run.logMetric("loss", step, step);
      if (step % 1_000 == 999) {
        run.logParam("p" + step, step);
        System.out.println(step + 1);
      }
    }
  }
}
