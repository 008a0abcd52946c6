package sei

import (
	"errors"
	"fmt"
)

// Code names a kind of failure for programs; it is stable across releases and
// written "area.reason", for instance "pin.wrong" or "process.closed_here".
type Code string

// Codes that every area shares. Each area adds its own beside the code that
// uses them.
const (
	// CodeInternal is anything the servant can do nothing about.
	CodeInternal Code = "internal"
	// CodeInvalid is input that breaks a form rule (missing, too long, malformed).
	CodeInvalid Code = "invalid"
	// CodeNotFound is something that does not exist or that the actor may not know of.
	CodeNotFound Code = "not_found"
	// CodeForbidden is an act the actor's profile does not allow.
	CodeForbidden Code = "forbidden"
	// CodeUnauthenticated asks for a login.
	CodeUnauthenticated Code = "unauthenticated"
	// CodeTooLarge is input over a stated limit.
	CodeTooLarge Code = "too_large"
	// CodeTooMany is a request over a rate or count limit.
	CodeTooMany Code = "too_many"
	// CodeUnavailable is something that may work later (network, central stopped).
	CodeUnavailable Code = "unavailable"
	// CodeConflict is a form that contradicts what is already stored.
	CodeConflict Code = "conflict"
)

// Error is the one error meant for a servant's eyes: a code for programs and
// a sentence in Portuguese that says what happened and what can be done.
// Err, when set, is the cause for the log and is never shown.
type Error struct {
	Code    Code
	Message string
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error that keeps err as its cause.
func Wrap(err error, code Code, message string) *Error {
	return &Error{Code: code, Message: message, Err: err}
}

// CodeOf returns the code of the first Error in err's chain, CodeInternal if
// there is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// MessageOf returns the sentence to show for err; anything that is not an
// Error reads as an internal failure, so that no technical text leaks.
func MessageOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	return "Ocorreu uma falha inesperada. Nada foi perdido; tente de novo e, se continuar, avise o suporte."
}
