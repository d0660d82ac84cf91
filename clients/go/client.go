package stepwell

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/daemon"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/producer"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
)

// Version of this package.
const Version = "0.1.0"

const clientName = "go"

// Error is what every call of this package fails with: its Code, which never changes its meaning, a Sentence about this
// case, and a Remedy. Take it out of an error with errors.As; errors.Is finds what the system or the context said.
type Error = fault.Error

// Client logs to the daemon of one home. Make one for a process with New, and close it at the end. Its methods may be
// called from any goroutine.
type Client struct {
	finder    *daemon.Finder
	producer  *producer.Producer
	inherited []string

	mu       sync.Mutex
	gateways map[string]string
}

// Option is one of New's.
type Option func(*options)

type options struct {
	settings   daemon.Settings
	command    string
	home       string
	bufferSize int64
	warn       func(*Error)
	err        error
}

// WithHome names the folder of the daemon's state in place of STEPWELL_HOME.
func WithHome(folder string) Option { return func(o *options) { o.home = folder } }

// WithEndpoint names a daemon, as unix:/path or host:port, in place of STEPWELL_ENDPOINT. None is started then, and what
// is logged waits in memory: the daemon may have any home.
func WithEndpoint(endpoint string) Option {
	return func(o *options) { o.settings.Endpoint = endpoint }
}

// WithCommand names what starts the daemon, as a shell would read it, in place of STEPWELL_COMMAND.
func WithCommand(command string) Option { return func(o *options) { o.command = command } }

// WithAutostart says whether a daemon may be started where none runs, in place of STEPWELL_AUTOSTART.
func WithAutostart(isOn bool) Option { return func(o *options) { o.settings.Autostart = isOn } }

// WithBufferBytes bounds what the daemon has not acknowledged, in place of STEPWELL_BUFFER_BYTES: 256 MiB without either,
// and at most that. Beyond it the newest entries are dropped and counted; a log call never waits.
func WithBufferBytes(bytes int64) Option { return func(o *options) { o.bufferSize = bytes } }

// WithWarnings has a function told what no call fails with: that the daemon is out of reach, that it refused an entry.
// Without it a line goes to stderr. It must not call the client.
func WithWarnings(warn func(*Error)) Option { return func(o *options) { o.warn = warn } }

// New makes a client, by the environment and what is given here. It waits for nothing: the daemon is found, or started,
// when there is something to say to it, and Ping says whether it answers.
//
// Fails with STEPWELL_HOME_UNUSABLE or STEPWELL_SETTING_INVALID.
func New(given ...Option) (*Client, error) {
	o := options{bufferSize: contract.BufferBytesMax, warn: warnOnStderr}
	o.settings.Endpoint = os.Getenv("STEPWELL_ENDPOINT")
	o.settings.Autostart = os.Getenv("STEPWELL_AUTOSTART") != "0"
	o.command = os.Getenv("STEPWELL_COMMAND")
	if text := os.Getenv("STEPWELL_BUFFER_BYTES"); text != "" {
		bytes, err := strconv.ParseFloat(text, 64)
		if err != nil || !(bytes >= 0) {
			return nil, fault.New("STEPWELL_SETTING_INVALID", "STEPWELL_BUFFER_BYTES is %q, which is no such number.", text)
		}
		o.bufferSize = int64(min(bytes, contract.BufferBytesMax))
	}
	for _, option := range given {
		option(&o)
	}
	if err := o.find(); err != nil {
		return nil, err
	}
	finder := daemon.NewFinder(o.settings)
	return &Client{
		finder:    finder,
		inherited: inheritedRunIDs(),
		gateways:  map[string]string{},
		producer: producer.New(producer.Settings{
			Finder: finder, ClientName: clientName, ClientVersion: Version, BufferBytesMax: o.bufferSize, Warn: o.warn,
		}),
	}, nil
}

func (o *options) find() (err error) {
	if o.settings.Command, err = daemon.CommandOf(o.command); err != nil || o.settings.Endpoint != "" {
		return err
	}
	o.settings.Home, err = daemon.HomeOf(func(name string) string {
		if name == "STEPWELL_HOME" && o.home != "" {
			return o.home
		}
		return os.Getenv(name)
	})
	return err
}

func warnOnStderr(err *Error) { fmt.Fprintf(os.Stderr, "stepwell: %v\n", err) }

func inheritedRunIDs() (ids []string) {
	for id := range strings.SplitSeq(os.Getenv("STEPWELL_RUN_ID"), ",") {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// Info is what the daemon says of itself.
type Info struct {
	Pid      int
	Version  string
	Endpoint string
	// GatewayURL is the MLflow-compatible address; empty while the daemon has none.
	GatewayURL string
	Home       string
	// HomeID is 32 hexadecimal digits.
	HomeID string
}

// Ping asks the daemon who it is, and starts it where there is none. Fails with STEPWELL_DAEMON_UNREACHABLE,
// STEPWELL_HOME_OPEN or STEPWELL_ENDPOINT_FOREIGN; without a deadline in the context after 20 s.
func (c *Client) Ping(ctx context.Context) (Info, error) {
	var info *pb.GetInfoResponse
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) (err error) {
		info, err = c.finder.AskInfo(ctx, connection)
		return err
	})
	return Info{
		Pid: int(info.GetPid()), Version: info.GetVersion(), Endpoint: info.GetEndpoint(), GatewayURL: info.GetGatewayUrl(),
		Home: info.GetHome(), HomeID: info.GetHomeId(),
	}, err
}

// Flush waits until all that was logged before it is on the daemon's disk. Fails with STEPWELL_FLUSH_TIMEOUT when the
// context ends before, or after 60 s where it has no deadline; the client goes on then. What the daemon refuses for good
// fails all later flushes, with its code.
func (c *Client) Flush(ctx context.Context) error { return c.producer.Flush(ctx) }

// Close sends what is left, and ends the client's goroutines. What could not be sent until the context ended stays in
// the home's spool, and the daemon takes it from there once this process is gone; STEPWELL_FLUSH_TIMEOUT says so.
//
// End each run before. One that was not ended goes on until this process is gone, and is KILLED then.
func (c *Client) Close(ctx context.Context) error { return c.producer.Close(ctx) }

// Stats are counters of this client. An entry is a metric point, a param or a tag.
type Stats struct {
	// Sent entries were handed to the daemon, each counted once however often it was sent.
	Sent uint64
	// Acknowledged entries are on the daemon's disk.
	Acknowledged uint64
	// Rejected entries were refused by the daemon.
	Rejected uint64
	// Dropped entries found no room.
	Dropped uint64
	// Pending entries were logged and are not answered yet, about; PendingBytes is what the spool takes.
	Pending      int64
	PendingBytes int64
	// Connects are streams that the daemon welcomed.
	Connects uint64
	// IsDurable says whether what is logged outlives this process in any case: the spool is a file.
	IsDurable bool
}

// Stats answers the counters now.
func (c *Client) Stats() Stats {
	s := c.producer.Stats()
	return Stats{
		Sent: s.Sent, Acknowledged: s.Acknowledged, Rejected: s.Rejected, Dropped: s.Dropped, Pending: s.Pending,
		PendingBytes: s.PendingBytes, Connects: s.Connects, IsDurable: c.producer.IsDurable(),
	}
}
