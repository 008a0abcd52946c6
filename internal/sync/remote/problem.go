package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	// NoConnection is the plain outage; any other sentence tells what to do.
	NoConnection = "Sem conexão com a central. O que está na fila será enviado quando houver conexão."
	maxDetail    = 600 // characters of a sentence from the central
)

// unreachable is a failure of the network, or the caller's own wish to stop.
func unreachable(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("talking to the central: %w", ctx.Err())
	case errors.Is(err, errRedirect):
		return sei.Wrap(err, sei.CodeUnavailable, "A central mandou para outro endereço e, por segurança, não foi seguida. Confira o endereço da central ou avise o suporte.")
	}
	if words := untrusted(err); words != "" {
		return sei.Wrap(&sync.Unsent{Err: err}, sei.CodeUnavailable, words)
	}
	if sei.CodeOf(err) == CodeProxy {
		return sei.Wrap(&sync.Unsent{Err: err}, sei.CodeUnavailable, sei.MessageOf(err))
	}
	// A connection that was never made carried nothing.
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		err = &sync.Unsent{Err: err}
	}
	return sei.Wrap(err, sei.CodeUnavailable, NoConnection)
}

// unexpected is an answer that is not the central's: a proxy, a portal, or a
// central of another version. Time may mend it; it never rejects anything.
func unexpected(err error) error {
	return sei.Wrap(err, sei.CodeUnavailable, "A resposta não veio da central como esperado. Confira a conexão e o endereço da central; o que está na fila está guardado.")
}

func noSession(err error) error {
	return sei.Wrap(err, sei.CodeUnauthenticated, "A sessão na central terminou. Entre de novo para enviar o que está na fila.")
}

// problemOf reads the error of an answer outside the 2xx class.
func problemOf(response *http.Response) error {
	cause := fmt.Errorf("%s %s: %s", response.Request.Method, response.Request.URL.Path, response.Status)
	p, isProblem := readProblem(response)
	switch {
	case response.StatusCode >= 500:
		cause = fmt.Errorf("%w (%s: %s)", cause, p.Code, p.Detail)
		words := "A central não conseguiu atender agora. O que está na fila será enviado mais tarde."
		if isProblem && p.Code == sei.CodeUnavailable { // it knows why, such as a full disk
			words = sentence(p, words)
		}
		return sei.Wrap(delayed(response, cause), sei.CodeUnavailable, words)
	case response.StatusCode == http.StatusTooManyRequests:
		return sei.Wrap(delayed(response, cause), sei.CodeTooMany, sentence(p, "Houve tentativas demais. Aguarde um pouco e tente de novo."))
	case !isProblem:
		return unexpected(cause)
	case p.Code == sei.CodeUnauthenticated:
		return noSession(cause)
	case p.Code == sei.CodeInternal:
		return sei.Wrap(cause, sei.CodeUnavailable, sentence(p, NoConnection))
	}
	return sei.Wrap(cause, p.Code, sentence(p, "A central recusou o pedido. Tente de novo ou avise o suporte."))
}

// headCodes are what the statuses of an answer without a body mean.
var headCodes = map[int]sei.Code{
	http.StatusUnauthorized:          sei.CodeUnauthenticated,
	http.StatusNotFound:              sei.CodeNotFound,
	http.StatusRequestEntityTooLarge: sei.CodeTooLarge,
}

// readProblem reads a body in the central's problem form. HEAD answers have no
// body: there the status speaks for the codes that it can mean alone.
func readProblem(response *http.Response) (wire.Problem, bool) {
	if response.Request.Method == http.MethodHead {
		code, known := headCodes[response.StatusCode]
		return wire.Problem{Code: code}, known
	}
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" {
		return wire.Problem{}, false
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxProblem))
	var p wire.Problem
	if err != nil || json.Unmarshal(data, &p) != nil || p.Code == "" || len(p.Code) > 64 {
		return wire.Problem{}, false
	}
	return p, true
}

func sentence(p wire.Problem, otherwise string) string {
	text := strings.ToValidUTF8(strings.TrimSpace(p.Detail), "")
	if text == "" {
		return otherwise
	}
	if runes := []rune(text); len(runes) > maxDetail {
		text = string(runes[:maxDetail]) + "…"
	}
	return text
}

// delayed adds what the answer says about the time of the next attempt.
func delayed(response *http.Response, err error) error {
	seconds, parseErr := strconv.Atoi(response.Header.Get("Retry-After"))
	if parseErr != nil || seconds <= 0 || seconds > 24*3600 {
		return err
	}
	return &sync.Delayed{After: time.Duration(seconds) * time.Second, Err: err}
}
