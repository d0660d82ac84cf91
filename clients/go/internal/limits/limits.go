// Package limits has every bound of the client's own machinery, with its unit last.
package limits

import "time"

const (
	// KeyCodePointsMax and the next four are MLflow's, in Unicode code points.
	KeyCodePointsMax            = 250
	ModelIDCharactersMax        = 36
	ParamValueCodePointsMax     = 6_000
	TagValueCodePointsMax       = 8_000
	ExperimentNameCodePointsMax = 500

	// BatchBytesMax is the largest batch that the client makes; the daemon's limits win where they are lower.
	BatchBytesMax = 512 * 1024
	// BufferBytesMax is what the spool may take, unless STEPWELL_BUFFER_BYTES says otherwise.
	BufferBytesMax = 256 * 1024 * 1024

	// Linger is how long an entry waits for company before it is sent.
	Linger = 5 * time.Millisecond
	// ReconnectMin and ReconnectMax bound the wait before a reconnect, which is drawn at random from 0 to the bound.
	ReconnectMin = 50 * time.Millisecond
	ReconnectMax = 2 * time.Second
	// Connect and Welcome are how long the daemon may take to accept a connection, and to answer Hello.
	Connect = 5 * time.Second
	Welcome = 10 * time.Second
	// Close is how long the daemon may take to end the stream after Close.
	Close = 2 * time.Second
	// Flush is how long Flush waits where its context has no deadline.
	Flush = 60 * time.Second
	// Call is how long a call about stacks, secrets or state is tried where its context has no deadline.
	Call = 20 * time.Second
	// CallPauseMin and CallPauseMax bound the wait before a call is made again.
	CallPauseMin = 50 * time.Millisecond
	CallPauseMax = time.Second
	// DaemonStart is how long `stepwell daemon start` may take.
	DaemonStart = 30 * time.Second
	// DaemonStartPauseMin and DaemonStartPauseMax are the first and the longest pause between two tries to start one.
	DaemonStartPauseMin = time.Second
	DaemonStartPauseMax = 30 * time.Second
	// UnreachableWarning is how long the daemon may be out of reach before the client says so.
	UnreachableWarning = 10 * time.Second
	// StartFailureWarning is the same where starting one fails: the first failure may be another's start that was killed.
	StartFailureWarning = time.Second
	// EndpointFileBytesMax and the next three bound what is read of files in the home and of a command's words.
	EndpointFileBytesMax  = 65_536
	HomeIDFileBytesMax    = 1_024
	CommandOutputBytesMax = 8_192
	ReasonCharactersMax   = 600
	// RejectionWarningsMax bounds the warnings of refused entries, one for each code and key.
	RejectionWarningsMax = 20
	// AnswerBytesMax is the largest answer that is read.
	AnswerBytesMax = 64 * 1024 * 1024
	// GatewayStill is how long a request to the gateway may stand still, and Gateway how long it is tried again while
	// nobody answers.
	Gateway      = 60 * time.Second
	GatewayStill = 300 * time.Second
	// GatewayAnswerBytesMax is what is read of the gateway's answers.
	GatewayAnswerBytesMax = 16 * 1024 * 1024
)
