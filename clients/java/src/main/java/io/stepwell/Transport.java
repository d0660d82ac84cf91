package io.stepwell;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How sockets are made: on Linux with netty's own epoll (x64 and arm64, glibc), elsewhere with Java's Unix sockets, which
 * Java 16 brought. Where there is neither, only an endpoint of the form host:port can be reached.
 */
final class Transport implements AutoCloseable {
  private final boolean isEpoll = Epoll.isAvailable();
  private final EventLoopGroup group;

  Transport() {
    DefaultThreadFactory threads = new DefaultThreadFactory("stepwell-io", true);
    group = isEpoll ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
  }

  /**
   * A channel to {@code unix:/path} or {@code host:port}, which connects at its first use. What keeps it from being
   * trusted is given to whenForeign, and the channel then does not connect.
   */
  ManagedChannel channel(String endpoint, Consumer<StepwellException> whenForeign) throws IOException {
    NettyChannelBuilder builder =
        endpoint.startsWith("unix:") ? unix(endpoint, whenForeign) : tcp(endpoint);
    return builder
        .eventLoopGroup(group)
        .usePlaintext()
        // Some libraries send the socket's path, which servers refuse.
        .overrideAuthority("localhost")
        .directExecutor()
        .build();
  }

  private NettyChannelBuilder tcp(String endpoint) {
    int colon = endpoint.lastIndexOf(':');
    if (colon < 0 || !endpoint.substring(colon + 1).matches("\\d{1,5}")) {
      throw new StepwellException(
          "STEPWELL_SETTING_INVALID",
          "The endpoint \"" + Checks.shown(endpoint) + "\" is neither unix:/path nor host:port.");
    }
    String host = endpoint.substring(0, colon).replaceAll("^\\[|\\]$", "");
    int port = Integer.parseInt(endpoint.substring(colon + 1));
    Supplier<Channel> make =
        isEpoll
            ? io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel::new
            : NioSocketChannel::new;
    return NettyChannelBuilder.forAddress(new InetSocketAddress(host, port)).channelFactory(make::get);
  }

  private NettyChannelBuilder unix(String endpoint, Consumer<StepwellException> whenForeign)
      throws IOException {
    String path = endpoint.substring("unix:".length());
    // unix:///absolute/path is gRPC's other spelling.
    if (path.startsWith("//")) path = path.substring(2);
    Home.checkOwner(endpoint, Home.owner(Path.of(path)));
    if (!isEpoll) {
      return NettyChannelBuilder.forAddress(javaAddress(path))
          .withOption(ChannelOption.SO_KEEPALIVE, null)
          .channelFactory(NioDomainSocketChannel::new);
    }
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(path))
        // grpc sets it for all sockets, and netty's warns that these have none.
        .withOption(ChannelOption.SO_KEEPALIVE, null)
        .channelFactory(
            () -> {
              EpollDomainSocketChannel made = new EpollDomainSocketChannel();
              made.pipeline().addFirst(new PeerCheck(endpoint, made, whenForeign));
              return made;
            });
  }

  /** Java's address of a Unix socket, which Java 11 does not know. */
  private static SocketAddress javaAddress(String path) {
    try {
      Class<?> kind = Class.forName("java.net.UnixDomainSocketAddress");
      return (SocketAddress) kind.getMethod("of", String.class).invoke(null, path);
    } catch (ReflectiveOperationException error) {
      throw new StepwellException(
          "STEPWELL_PLATFORM_UNSUPPORTED",
          "This Java (" + System.getProperty("java.version") + ") has no Unix sockets, and netty has none for "
              + System.getProperty("os.name") + " here.",
          "Use Java 16 or newer here, or give the daemon's address as host:port in STEPWELL_ENDPOINT.");
    }
  }

  /** Another socket may have come to the path's place since it was looked at: nothing is said to a stranger. */
  private static final class PeerCheck extends ChannelInboundHandlerAdapter {
    private final String endpoint;
    private final EpollDomainSocketChannel channel;
    private final Consumer<StepwellException> whenForeign;

    PeerCheck(String endpoint, EpollDomainSocketChannel channel, Consumer<StepwellException> whenForeign) {
      this.endpoint = endpoint;
      this.channel = channel;
      this.whenForeign = whenForeign;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
      try {
        Home.checkOwner(endpoint, channel.peerCredentials().uid() & 0xFFFFFFFFL);
      } catch (StepwellException error) {
        whenForeign.accept(error);
        context.close();
        return;
      }
      super.channelActive(context);
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
