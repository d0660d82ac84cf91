package io.stepwell;

/** Logs until it is killed, or so many points, and says how many calls have returned. It closes nothing. */
final class MortalProgram {
  private MortalProgram() {}

  public static void main(String[] arguments) {
    long most = arguments.length > 0 ? Long.parseLong(arguments[0]) : Long.MAX_VALUE;
    Run run = Stepwell.open().run().name("mortal").start();
    System.out.println(run.id());
    for (long step = 0; step < most; step++) {
      run.logMetric("loss", step, step);
      if (step % 1_000 == 999) {
        run.logParam("p" + step, step);
        System.out.println(step + 1);
      }
    }
  }
}
