package io.stepwell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What one opening of a run holds, as two threads see it. */
class OpeningTest {
  private static final int OPENINGS = 50_000;

  @Test
  @DisplayName("a run that ends is never taken for settled before its end is sent, at whatever moment the sender looks")
  void ends() throws Exception {
    // No daemon answers: nothing is taken out of the openings.
    try (Stepwell client =
        Stepwell.open(Map.of("STEPWELL_ENDPOINT", "unix:/no/such/socket", "STEPWELL_EXIT_TIMEOUT", "0"))) {
      Producer producer = client.producer();
      producer.open("0".repeat(32), null);
      AtomicReference<Opening> current = new AtomicReference<>(opening(producer, 1));
      AtomicInteger settled = new AtomicInteger();
      AtomicInteger looks = new AtomicInteger();
      Thread looking =
          new Thread(
              () -> {
                for (Opening each = current.get(); each != null; each = current.get()) {
                  if (each.isSettled()) settled.incrementAndGet();
                  looks.incrementAndGet();
                }
              });
      looking.start();
      for (int number = 1; number <= OPENINGS; number++) {
        Opening each = opening(producer, number);
        current.set(each);
        each.end(Records.end(RunStatus.FINISHED));
        assertTrue(each.hasRecords(Opening.END));
      }
      current.set(null);
      looking.join();
      assertTrue(looks.get() > 1_000, looks + " looks");
      assertEquals(0, settled.get());
    }
  }

  @Test
  @DisplayName("what comes after the end is not taken")
  void late() {
    try (Stepwell client =
        Stepwell.open(Map.of("STEPWELL_ENDPOINT", "unix:/no/such/socket", "STEPWELL_EXIT_TIMEOUT", "0"))) {
      Producer producer = client.producer();
      producer.open("0".repeat(32), null);
      Opening opening = opening(producer, 1);
      Column known = opening.column("known", "");
      assertTrue(known.log(1, 2, 3));
      opening.end(null);
      assertFalse(known.log(1, 2, 3));
      assertFalse(opening.column("new", "").log(1, 2, 3));
      assertFalse(opening.add(Opening.TAG, Records.tag("a", "b"), 1, "a"));
      assertEquals(1, opening.waiting());
    }
  }

  /** One that the sender does not know of. */
  private static Opening opening(Producer producer, int number) {
    return new Opening(producer, number, "1".repeat(32), null);
  }
}
