package io.stepwell;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.StreamObserver;
import io.stepwell.v1.Ack;
import io.stepwell.v1.AckLevel;
import io.stepwell.v1.Batch;
import io.stepwell.v1.DaemonServiceGrpc;
import io.stepwell.v1.GetInfoRequest;
import io.stepwell.v1.GetInfoResponse;
import io.stepwell.v1.Hello;
import io.stepwell.v1.IngestRequest;
import io.stepwell.v1.IngestResponse;
import io.stepwell.v1.IngestServiceGrpc;
import io.stepwell.v1.MetricColumn;
import io.stepwell.v1.Rewind;
import io.stepwell.v1.Welcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A daemon that answers streams as it is told, and keeps what it was sent. */
final class FakeDaemon implements AutoCloseable {
  private final EpollEventLoopGroup group = new EpollEventLoopGroup(1);
  private Server server;
  private final List<StreamObserver<IngestResponse>> streams = new ArrayList<>();

  final Path socket;
  final List<Hello> hellos = new ArrayList<>();
  /** What it took, by sequence. */
  final TreeMap<Long, Batch> taken = new TreeMap<>();
  /** Each request as it came: its bytes and its sequence. */
  final List<long[]> requests = new ArrayList<>();
  final List<String> authorities = new ArrayList<>();
  boolean wasClosed;

  volatile String home = "";
  volatile String homeId = "0".repeat(32);
  volatile long window = 4 << 20;
  volatile int messageMax = 4 << 20;
  volatile long journaled;
  volatile boolean isSilent;
  /** Batches for which this is true are not taken, as if they had never come. */
  volatile Predicate<Batch> loses = batch -> false;
  /** What is said of a batch that is taken, beside its acknowledgement. */
  volatile java.util.function.Function<Batch, List<IngestResponse>> says = batch -> List.of();

  FakeDaemon(Path socket) throws IOException {
    this.socket = socket;
    listen();
  }

  private void listen() throws IOException {
    Files.deleteIfExists(socket);
    server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(group)
            .workerEventLoopGroup(group)
            .directExecutor()
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .intercept(new Authorities())
            .addService(new Ingest())
            .addService(new Info())
            .build()
            .start();
  }

  String endpoint() {
    return "unix:" + socket;
  }

  /** The same daemon behind a port of this machine, until the server that is answered is shut down. */
  Server onPort() throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .directExecutor()
        .addService(new Ingest())
        .addService(new Info())
        .build()
        .start();
  }

  /** Ends every stream with an error, and takes new ones. */
  synchronized void cut(Status status, String code) {
    Metadata trailers = new Metadata();
    if (code != null) trailers.put(Metadata.Key.of("stepwell-code", Metadata.ASCII_STRING_MARSHALLER), code);
    List<StreamObserver<IngestResponse>> ended = new ArrayList<>(streams);
    streams.clear();
    for (StreamObserver<IngestResponse> each : ended) each.onError(status.asRuntimeException(trailers));
  }

  /** Acknowledges all that it took. */
  synchronized void acknowledge() {
    for (StreamObserver<IngestResponse> each : streams) each.onNext(ack(journaled));
  }

  synchronized List<Batch> batches() {
    return new ArrayList<>(taken.values());
  }

  synchronized int requestCount() {
    return requests.size();
  }

  /** Steps of a key, in the order in which they came. */
  List<Long> steps(String key) {
    return batches().stream()
        .flatMap(batch -> batch.getMetricsList().stream())
        .filter(column -> column.getKey().equals(key))
        .flatMap(column -> column.getStepsList().stream())
        .collect(Collectors.toList());
  }

  long points() {
    return batches().stream().mapToLong(FakeDaemon::points).sum();
  }

  static long points(Batch batch) {
    return batch.getMetricsList().stream().mapToLong(MetricColumn::getStepsCount).sum();
  }

  static IngestResponse ack(long sequence) {
    return IngestResponse.newBuilder()
        .setAck(Ack.newBuilder().setSequence(sequence).setLevel(AckLevel.ACK_LEVEL_JOURNALED))
        .build();
  }

  private synchronized void take(IngestRequest request, StreamObserver<IngestResponse> answers) {
    switch (request.getMessageCase()) {
      case HELLO:
        hellos.add(request.getHello());
        streams.add(answers);
        answers.onNext(
            IngestResponse.newBuilder()
                .setWelcome(
                    Welcome.newBuilder()
                        .setProtocolVersion(1)
                        .setHomeId(homeId)
                        .setJournaledSequence(journaled)
                        .setUnacknowledgedBytesMax(window)
                        .setMessageBytesMax(messageMax))
                .build());
        break;
      case BATCH:
        // Its stream was cut.
        if (!streams.contains(answers)) return;
        Batch batch = request.getBatch();
        requests.add(new long[] {request.getSerializedSize(), batch.getSequence()});
        if (loses.test(batch)) return;
        if (batch.getSequence() > journaled + 1) {
          answers.onNext(
              IngestResponse.newBuilder().setRewind(Rewind.newBuilder().setExpectedSequence(journaled + 1)).build());
          return;
        }
        if (batch.getSequence() == journaled + 1) {
          taken.put(batch.getSequence(), batch);
          journaled++;
        }
        for (IngestResponse each : says.apply(batch)) answers.onNext(each);
        if (!isSilent) answers.onNext(ack(journaled));
        break;
      default:
        wasClosed = true;
    }
  }

  private final class Ingest extends IngestServiceGrpc.IngestServiceImplBase {
    @Override
    public StreamObserver<IngestRequest> ingest(StreamObserver<IngestResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(IngestRequest request) {
          take(request, answers);
        }

        @Override
        public void onError(Throwable error) {
          forget(answers);
        }

        @Override
        public void onCompleted() {
          forget(answers);
          answers.onCompleted();
        }
      };
    }
  }

  private synchronized void forget(StreamObserver<IngestResponse> answers) {
    streams.remove(answers);
  }

  private final class Info extends DaemonServiceGrpc.DaemonServiceImplBase {
    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> answer) {
      answer.onNext(GetInfoResponse.newBuilder().setHome(home).setHomeId(homeId).build());
      answer.onCompleted();
    }
  }

  private final class Authorities implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      authorities.add(call.getAuthority());
      return next.startCall(call, headers);
    }
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
