package io.stepwell;

import io.stepwell.v1.Batch;
import io.stepwell.v1.Param;
import io.stepwell.v1.RunEnd;
import io.stepwell.v1.RunStart;
import io.stepwell.v1.Tag;

/** What is not a point, as the fields of a batch that a record holds. */
final class Records {
  private Records() {}

  static byte[] start(RunStart start, boolean goesOn) {
    Batch.Builder batch = Batch.newBuilder().setRunStart(start);
    // A batch takes the last of several ends: a later one in the same batch still counts.
    if (goesOn) batch.setRunEnd(RunEnd.newBuilder().setStatus(io.stepwell.v1.RunStatus.RUN_STATUS_RUNNING));
    return batch.build().toByteArray();
  }

  static byte[] param(String key, String value) {
    return Batch.newBuilder().addParams(Param.newBuilder().setKey(key).setValue(value)).build().toByteArray();
  }

  static byte[] tag(String key, String value) {
    return Batch.newBuilder().addTags(Tag.newBuilder().setKey(key).setValue(value)).build().toByteArray();
  }

  static byte[] end(RunStatus status) {
    RunEnd end =
        RunEnd.newBuilder()
            .setStatus(io.stepwell.v1.RunStatus.valueOf("RUN_STATUS_" + status))
            .setEndTimeMs(System.currentTimeMillis())
            .build();
    return Batch.newBuilder().setRunEnd(end).build().toByteArray();
  }
}
