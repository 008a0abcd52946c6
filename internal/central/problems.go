package central

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const problemType = "application/problem+json"

// statusOf maps a code to HTTP. A code that is not listed is a rule of the
// domain: 422.
func statusOf(code sei.Code) int {
	switch code {
	case sei.CodeUnauthenticated, CodeLoginWrong, CodePasswordWrong:
		return http.StatusUnauthorized
	case sei.CodeForbidden, CodePasswordFirst:
		return http.StatusForbidden
	case sei.CodeNotFound:
		return http.StatusNotFound
	case sei.CodeConflict, CodeStaleDevice:
		return http.StatusConflict
	case sei.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case sei.CodeTooMany:
		return http.StatusTooManyRequests
	case sei.CodeUnavailable, CodeRecovering:
		return http.StatusServiceUnavailable
	case sei.CodeInternal, "":
		return http.StatusInternalServerError
	}
	return http.StatusUnprocessableEntity
}

// problem is wire.Problem as the HTTP library wants an error.
type problem struct {
	wire.Problem
	retry time.Duration
}

func (p *problem) Error() string             { return string(p.Code) + ": " + p.Detail }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return problemType }

// MarshalJSON writes the plain problem.
func (p *problem) MarshalJSON() ([]byte, error) { return json.Marshal(p.Problem) }

// GetHeaders tells how long to wait, where that is known.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.retry/time.Second)+1))
	}
	return h
}

// problemOf puts an error into words for the desk; what is not meant for a
// servant goes to the log alone.
func (s *Service) problemOf(ctx context.Context, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	err = s.withoutRoom(err)
	code := sei.CodeOf(err)
	if ctx.Err() != nil && code == sei.CodeInternal {
		code = sei.CodeUnavailable
	}
	status := statusOf(code)
	if status >= http.StatusInternalServerError && ctx.Err() == nil {
		s.cfg.Log.Error("request failed", "code", code, "error", err)
	}
	p := &problem{Problem: wire.Problem{Status: status, Title: http.StatusText(status), Code: code, Detail: sei.MessageOf(err)}}
	if t, ok := errors.AsType[*tooManyError](err); ok {
		p.retry = t.after
	}
	return p
}

// codeFilesFull is what the store of files says of a disk without room.
const codeFilesFull sei.Code = "blob.disk_full"

// withoutRoom tells a desk that it is the central's disk that is full, and not
// its own: it waits and tries again.
func (s *Service) withoutRoom(err error) error {
	if sei.CodeOf(err) != codeFilesFull && !s.store.dialect.full(err) {
		return err
	}
	return sei.Wrap(err, sei.CodeUnavailable, "A central está sem espaço em disco. Nada foi perdido: o envio será repetido até haver espaço. Avise o suporte.")
}

// writeProblem answers a plain handler's request.
func (s *Service) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r.Context(), err)
	for k, v := range p.GetHeaders() {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.Problem) // nobody is left to tell
}

// translateProblem turns the library's own errors (a malformed body, say) into
// problems with a code.
func translateProblem(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &problem{Problem: wire.Problem{Status: m.Status, Title: m.Title, Code: sei.CodeInvalid, Detail: "O pedido recebido está malformado. Atualize o programa."}}
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		p.Code, p.Detail = sei.CodeTooLarge, "O pedido passa do tamanho aceito pela central. Envie em partes menores."
	case http.StatusRequestTimeout:
		p.Code, p.Detail = sei.CodeUnavailable, "O pedido demorou demais para chegar. Ele será repetido."
	case http.StatusInternalServerError:
		p.Code, p.Detail = sei.CodeInternal, sei.MessageOf(errors.New("internal"))
	}
	return p, nil
}
