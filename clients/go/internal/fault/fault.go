// Package fault has the client's one error type and what each code means for the caller.
package fault

import (
	"errors"
	"fmt"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
)

// Error is a stable code, one sentence about this case, and what to do.
type Error struct {
	// Code never changes its meaning, for example "STEPWELL_KEY_INVALID".
	Code string
	// Sentence tells what happened. It is no part of the interface.
	Sentence string
	// Remedy says what to do; an error of the daemon has the daemon's.
	Remedy string
	// Cause is what the system said, where that is known.
	Cause error
}

// Error is the code, the sentence and the remedy on one line.
func (e *Error) Error() string {
	if e.Remedy == "" {
		return fmt.Sprintf("%s: %s", e.Code, e.Sentence)
	}
	return fmt.Sprintf("%s: %s %s", e.Code, e.Sentence, e.Remedy)
}

// Unwrap answers what the system said.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error with the remedy of its code.
func New(code, format string, values ...any) *Error {
	return &Error{Code: code, Sentence: fmt.Sprintf(format, values...), Remedy: contract.Remedy(code)}
}

// WithRemedy makes an error with a remedy of its own.
func WithRemedy(code, remedy, format string, values ...any) *Error {
	return &Error{Code: code, Sentence: fmt.Sprintf(format, values...), Remedy: remedy}
}

// Because adds what the system said.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// CodeOf answers the code of an error, or an empty text.
func CodeOf(err error) string {
	var known *Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}
