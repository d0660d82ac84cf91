package io.stepwell;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.stepwell.v1.IngestRequest;
import io.stepwell.v1.IngestResponse;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One stream to the daemon: what it answers is put in a queue, in the thread that reads the socket. */
final class Stream {
  /** How a stream ended; the error is null for a good end. */
  static final class End {
    final StepwellException error;

    End(StepwellException error) {
      this.error = error;
    }
  }

  private final ClientCall<byte[], IngestResponse> call;
  private final ConcurrentLinkedQueue<Object> answers = new ConcurrentLinkedQueue<>();

  Stream(Channel channel, Runnable whenAnswered) {
    call = channel.newCall(Wire.INGEST, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(IngestResponse answer) {
            answers.add(answer);
            whenAnswered.run();
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            answers.add(new End(status.isOk() ? null : Connection.error(status, trailers)));
            whenAnswered.run();
          }
        },
        new Metadata());
    call.request(Integer.MAX_VALUE);
  }

  /** The next {@link IngestResponse}, or {@link End}; null when there is none yet. */
  Object poll() {
    return answers.poll();
  }

  /** How many bytes wait for the socket is bounded by the daemon's window. */
  void send(byte[] request) {
    call.sendMessage(request);
  }

  void send(IngestRequest request) {
    send(request.toByteArray());
  }

  void halfClose() {
    call.halfClose();
  }

  void cancel() {
    call.cancel("given up", null);
  }
}
