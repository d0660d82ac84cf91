// Package limits has the bounds of the client's own machinery. Those that all clients have in common are in contract.
package limits

import "time"

const (
	// Linger is how long an entry waits for company before it is sent.
	Linger = 5 * time.Millisecond
	// Connect is how long the daemon may take to accept a connection.
	Connect = 5 * time.Second
	// Call is how long a call about stacks, secrets or state is tried where its context has no deadline.
	Call = 20 * time.Second
	// DrainAnswer is how long before its context's deadline, at most, a drain is answered.
	DrainAnswer = 5 * time.Second
	// CallPauseMin and CallPauseMax bound the wait before a call is made again.
	CallPauseMin = 50 * time.Millisecond
	CallPauseMax = time.Second
	// CommandOutputBytesMax and ReasonCharactersMax are what is read, and told, of what a command says.
	CommandOutputBytesMax = 8_192
	ReasonCharactersMax   = 600
	// RejectionWarningsMax bounds the warnings of refused entries, one for each code and key.
	RejectionWarningsMax = 20
	// AnswerBytesMax is the largest answer of the daemon that is read.
	AnswerBytesMax = 64 * 1024 * 1024
	// Gateway is how long a request to the gateway is tried again while nobody answers, and GatewayStill how long one that
	// is under way may stand still.
	Gateway      = 60 * time.Second
	GatewayStill = 300 * time.Second
	// GatewayAnswerBytesMax is what is read of the gateway's answers.
	GatewayAnswerBytesMax = 16 * 1024 * 1024
)
