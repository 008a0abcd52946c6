package remote

import (
	"log/slog"
	gosync "sync"
)

// session holds the token of the login. However it is printed, the token is not.
type session struct {
	mu    gosync.RWMutex
	token string
}

func (s *session) get() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.token
}

func (s *session) set(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// end forgets the token that the central refused, unless a newer one is here.
func (s *session) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}

// String says whether there is a session, and nothing more.
func (c *Client) String() string {
	if c.HasSession() {
		return "central " + c.base.Host + " (with a session)"
	}
	return "central " + c.base.Host + " (without a session)"
}

// GoString is String: %#v would print the token.
func (c *Client) GoString() string { return c.String() }

// LogValue keeps the token out of logs.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText keeps the token out of JSON.
func (c *Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// HasSession says whether there is a token that the central has not refused.
func (c *Client) HasSession() bool { return c.session.get() != "" }

// UseSession continues a session of which the token was kept; "" forgets it.
func (c *Client) UseSession(token string) { c.session.set(token) }
