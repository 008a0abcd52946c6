package central

import (
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// auditEntry is one line of the audit: refusals and reads of restricted
// content. It holds ids only, no names and no content.
type auditEntry struct {
	at      time.Time
	act     string // one of AuditActs
	code    sei.Code
	user    sei.UserID
	unit    sei.UnitID
	device  sei.DeviceID
	subject string // id of the process, document or command
}

func audit(w *writer, e auditEntry) error {
	return w.exec("INSERT INTO audit (at, act, code, user_id, unit_id, device_id, subject) VALUES (?, ?, ?, ?, ?, ?, ?)",
		micros(e.at), e.act, string(e.code), string(e.user), string(e.unit), string(e.device), e.subject)
}

func auditRefusal(w *writer, p *prepared, r *sei.Refusal, at time.Time) error {
	return audit(w, auditEntry{
		at: at, act: "refuse", code: r.Code, user: p.wire.User, unit: p.wire.Unit, device: p.wire.Device,
		subject: string(p.wire.Kind) + " " + string(p.wire.Process) + " " + string(p.wire.ID),
	})
}
