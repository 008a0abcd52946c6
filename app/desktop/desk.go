package desktop

import "net/http"

// Desk is the composed workstation.
type Desk struct {
	changes changes
}

func (d *Desk) contentHandler() http.Handler { return http.NotFoundHandler() }
