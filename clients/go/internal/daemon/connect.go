package daemon

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync/atomic"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/limits"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const writeBufferBytes = 1024 * 1024

// Connect opens a connection to a daemon that is this home's, and of this user. The caller closes it.
func (f *Finder) Connect(ctx context.Context, mayStart bool) (*grpc.ClientConn, error) {
	socket, err := f.socket(ctx, mayStart)
	if err != nil {
		return nil, err
	}
	connection, err := over(socket)
	if err != nil {
		_ = socket.Close()
		return nil, err
	}
	if f.IsFixed() {
		return connection, nil
	}
	if _, err := f.AskInfo(ctx, connection); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return connection, nil
}

// AskInfo asks the daemon who it is, and refuses that of another home.
func (f *Finder) AskInfo(ctx context.Context, connection *grpc.ClientConn) (*pb.GetInfoResponse, error) {
	timed, cancel := context.WithTimeout(ctx, contract.WelcomeWait)
	defer cancel()
	var trailer metadata.MD
	info, err := pb.NewDaemonServiceClient(connection).GetInfo(timed, &pb.GetInfoRequest{}, grpc.Trailer(&trailer))
	if err != nil {
		return nil, ErrorOf(err, trailer)
	}
	return info, f.check(info.GetHome())
}

func (f *Finder) socket(ctx context.Context, mayStart bool) (net.Conn, error) {
	endpoint, err := f.find()
	if err != nil {
		return nil, err
	}
	if endpoint != "" {
		socket, err := dial(ctx, endpoint)
		if err == nil {
			return socket, nil
		}
		if code := fault.CodeOf(err); code != "" && code != "STEPWELL_DAEMON_UNREACHABLE" {
			return nil, err
		}
		// A killed daemon leaves its file behind: another one is to be started.
	}
	if !mayStart {
		return nil, unreachable("No daemon answers, and nothing is to be sent.")
	}
	if err := f.start(ctx); err != nil {
		return nil, err
	}
	if endpoint, err = f.find(); err != nil {
		return nil, err
	}
	if endpoint == "" {
		if failure, _ := f.StartFailure(); failure != nil {
			return nil, failure
		}
		return nil, unreachable("There is no daemon, and starting one failed.")
	}
	return dial(ctx, endpoint)
}

// dial connects to unix:/path or host:port, of this user or root: STEPWELL_ENDPOINT_FOREIGN before anything is said.
func dial(ctx context.Context, endpoint string) (net.Conn, error) {
	timed, cancel := context.WithTimeout(ctx, limits.Connect)
	defer cancel()
	dialer := net.Dialer{}
	path, isUnix := strings.CutPrefix(endpoint, "unix:")
	if !isUnix {
		if _, _, err := net.SplitHostPort(endpoint); err != nil {
			return nil, fault.New("STEPWELL_SETTING_INVALID", "The endpoint %q is neither unix:/path nor host:port.", endpoint)
		}
		return orUnreachable(dialer.DialContext(timed, "tcp", endpoint))
	}
	// unix:///absolute/path is gRPC's other spelling.
	if strings.HasPrefix(path, "//") {
		path = path[2:]
	}
	info, err := os.Stat(path)
	if err != nil {
		return orUnreachable(nil, err)
	}
	if owner, known := ownerOf(info); known && !isTrusted(owner) {
		return nil, foreign(endpoint, owner)
	}
	socket, err := orUnreachable(dialer.DialContext(timed, "unix", path))
	if err != nil {
		return nil, err
	}
	// Another socket may have come to the path's place since.
	if owner, known := peerOf(socket); known && !isTrusted(owner) {
		_ = socket.Close()
		return nil, foreign(endpoint, owner)
	}
	return socket, nil
}

func orUnreachable(socket net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, unreachable("The daemon can't be reached: %v.", err).Because(err)
	}
	return socket, nil
}

func foreign(endpoint string, owner uint32) error {
	return fault.New("STEPWELL_ENDPOINT_FOREIGN", "What listens at %s belongs to another user (id %d).", endpoint, owner)
}

var errUsed = errors.New("the connection has ended")

// over makes a channel of one socket: where that ends, the channel has ended.
func over(socket net.Conn) (*grpc.ClientConn, error) {
	var isTaken atomic.Bool
	once := func(context.Context, string) (net.Conn, error) {
		if isTaken.Swap(true) {
			return nil, errUsed
		}
		return socket, nil
	}
	return grpc.NewClient("passthrough:///stepwell",
		grpc.WithContextDialer(once),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		// Some libraries send the socket's path, which servers reject.
		grpc.WithAuthority("localhost"),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithIdleTimeout(0),
		grpc.WithWriteBufferSize(writeBufferBytes),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(limits.AnswerBytesMax)),
	)
}

// ErrorOf makes one error of what a call or a stream ended in: the daemon's own where it gave a code.
func ErrorOf(err error, trailer metadata.MD) error {
	if err == nil {
		return nil
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return known
	}
	if code := first(trailer, "stepwell-code"); code != "" {
		return &fault.Error{Code: code, Sentence: status.Convert(err).Message(), Remedy: first(trailer, "stepwell-remedy"), Cause: err}
	}
	return unreachable("The call to the daemon ended: %v.", err).Because(err)
}

func first(of metadata.MD, key string) string {
	if values := of.Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}
