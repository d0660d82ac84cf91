package stepwell

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/limits"
	"google.golang.org/grpc"
)

// call makes a call on a connection of its own. It tries again until the time is over while the daemon is in trouble,
// and starts it where there is none.
func (c *Client) call(ctx context.Context, do func(context.Context, *grpc.ClientConn) error) error {
	if _, isBounded := ctx.Deadline(); !isBounded {
		timed, cancel := context.WithTimeout(ctx, limits.Call)
		defer cancel()
		ctx = timed
	}
	bound := limits.CallPauseMin
	for {
		err := c.try(ctx, do)
		if err == nil || !contract.IsPassingCode(fault.CodeOf(err)) {
			return err
		}
		select {
		case <-time.After(rand.N(bound)):
		case <-ctx.Done():
			return because(err, ctx.Err())
		}
		bound = min(limits.CallPauseMax, 2*bound)
	}
}

func (c *Client) try(ctx context.Context, do func(context.Context, *grpc.ClientConn) error) error {
	connection, err := c.finder.Connect(ctx, true)
	if err != nil {
		return err
	}
	defer connection.Close()
	return do(ctx, connection)
}

// because notes that the context ended, beside what it ended in.
func because(err, ended error) error {
	var known *Error
	if !errors.As(err, &known) {
		return err
	}
	copied := *known
	copied.Cause = errors.Join(ended, known.Cause)
	return &copied
}

func wellFormed(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
