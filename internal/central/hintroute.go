package central

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

const (
	keepAlive      = 20 * time.Second
	hintsReconnect = 5000 // milliseconds
)

// serveHints is the stream of server-sent events. It lasts as long as the
// session; its rights are judged again at every keep-alive.
func (s *Service) serveHints(w http.ResponseWriter, r *http.Request) {
	token := Credentials{r.Header.Get("Authorization")}.token()
	unit := sei.UnitID(r.URL.Query().Get("unit"))
	buckets, err := s.hintBuckets(r, token, unit)
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	sub, cancel, err := s.hints.subscribe(buckets...)
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	defer cancel()
	s.noDeadlines(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	stream := http.NewResponseController(w)
	if _, err := fmt.Fprintf(w, "retry: %d\n\n", hintsReconnect); err != nil || stream.Flush() != nil {
		return
	}
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case _, open := <-sub.ready:
			if !open || writeHint(w, sub.take()) != nil || stream.Flush() != nil {
				return
			}
		case <-tick.C:
			if now, err := s.hintBuckets(r, token, unit); err != nil || !slices.Equal(now, buckets) {
				return // the desk opens another, with the rights of now
			}
			if _, err := fmt.Fprint(w, ": \n\n"); err != nil || stream.Flush() != nil {
				return
			}
		}
	}
}

// hintBuckets are those of which the session may hear.
func (s *Service) hintBuckets(r *http.Request, token string, unit sei.UnitID) ([]wire.Bucket, error) {
	ses, err := s.Authenticate(r.Context(), token)
	if err != nil {
		return nil, err
	}
	buckets := []wire.Bucket{wire.CatalogueBucket, wire.UserBucket(ses.User)}
	if unit == "" {
		return buckets, nil
	}
	var actor sei.Actor
	err = s.store.viewing(r.Context(), func(v reader) error {
		cat, err := s.catalogueAt(v)
		if err == nil {
			actor, err = actorIn(v, cat, ses.User, unit, ses.Device, s.cfg.Clock())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !actor.Active() {
		return nil, sei.Errorf(sei.CodeForbidden, "Você não tem perfil nesta unidade.")
	}
	if !takesPart(actor) { // when a unit works is told to who may read its list
		return buckets, nil
	}
	return append(buckets, wire.UnitBucket(unit)), nil
}

func writeHint(w http.ResponseWriter, h wire.Hint) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "event: pull\ndata: %s\n\n", data)
	return err
}
