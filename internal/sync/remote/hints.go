package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Limits of the stream of hints.
const (
	maxHintLine   = 64 << 10
	hintBackoff   = time.Second
	maxHintPause  = time.Minute
	steadyConnect = 10 * time.Second // after which a broken stream is a new failure
)

// Hints listens for "pull now" until ctx ends or the session does, and calls hint
// for each. A broken stream is opened again after a pause; since hints may have
// been lost meanwhile, an empty one is given at each opening. lost is called when
// a stream breaks or cannot be opened: whoever pulls then learns whether the
// central is still there. It returns the error of the session
// ([sei.CodeUnauthenticated]) or of ctx.
func (c *Client) Hints(ctx context.Context, unit sei.UnitID, hint func(wire.Hint), lost func()) error {
	for attempt := 0; ; attempt++ {
		opened := time.Now()
		err := c.listen(ctx, unit, hint)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if sei.CodeOf(err) == sei.CodeUnauthenticated {
			return err
		}
		lost()
		if time.Since(opened) > steadyConnect {
			attempt = 0
		}
		bound := min(maxHintPause, hintBackoff<<min(attempt, 10))
		pause := time.NewTimer(minHintPause + rand.N(bound))
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

const minHintPause = 50 * time.Millisecond

// listen reads one stream to its end.
func (c *Client) listen(ctx context.Context, unit sei.UnitID, hint func(wire.Hint)) error {
	ctx, stall := newStall(ctx, c.options.StallTimeout)
	defer stall.stop()
	response, err := c.send(ctx, request{
		method: http.MethodGet, path: "/v1/hints", unit: unit, query: url.Values{"unit": {string(unit)}},
		header: map[string]string{"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-cache"},
	})
	if err != nil {
		return stall.explain(err)
	}
	defer response.Body.Close()
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		return unexpected(nil)
	}
	hint(wire.Hint{})
	return readHints(stall.watch(response.Body), hint)
}

// readHints parses server-sent events (WHATWG HTML, 9.2.6) as far as hints need:
// event names and one or more data lines.
func readHints(r io.Reader, hint func(wire.Hint)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxHintLine)
	event, data := "", ""
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if event == "pull" {
				giveHint(data, hint)
			}
			event, data = "", ""
		case name == "event":
			event = value
		case name == "data":
			if len(data)+len(value) > maxHintLine {
				return unexpected(bufio.ErrTooLong)
			}
			if data != "" {
				data += "\n"
			}
			data += value
		}
	}
	return lines.Err()
}

// giveHint passes a hint on; one that cannot be read still says "pull now".
func giveHint(data string, hint func(wire.Hint)) {
	var h wire.Hint
	if json.Unmarshal([]byte(data), &h) != nil {
		h = wire.Hint{}
	}
	hint(h)
}
