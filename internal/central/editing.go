package central

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Editing tells the colleagues of a minute's unit who has it open. The latest
// notice stands; closing takes back only one's own. It is advice: two people
// may edit all the same, and both texts are kept.
func (s *Service) Editing(ctx context.Context, ses Session, n wire.EditingNotice) error {
	return s.commits.write(ctx, func(w *writer) error {
		now := s.now()
		c, err := s.catalogueAt(w.reader)
		if err != nil {
			return err
		}
		actor, err := actorIn(w.reader, c, ses.User, n.Unit, ses.Device, now)
		if err != nil {
			return err
		}
		p, d, err := loadDocument(w.reader, n.Document)
		if err != nil {
			return err
		}
		if d == nil || d.Kind != sei.Internal || d.GeneratingUnit != n.Unit || !takesPart(actor) || sei.Reads(p, actor) != sei.ReadContent {
			return sei.Errorf(sei.CodeNotFound, "O documento não foi encontrado.")
		}
		return announceEditing(w, p.ID, n, actor, now)
	})
}

func announceEditing(w *writer, process sei.ProcessID, n wire.EditingNotice, actor sei.Actor, now time.Time) error {
	_, err := changeBucket(w, wire.UnitBucket(n.Unit), func(b *bucket) error {
		key := wire.EditingKey(n.Document)
		if n.Editing {
			return b.put(key, wire.EditingRow{
				Process: process, Document: n.Document, User: actor.User, Name: actor.Name, Until: now.Add(wire.EditingFor),
			})
		}
		mine, err := isEditing(w.reader, b.name, key, actor.User)
		if err != nil || !mine {
			return err
		}
		return b.remove(key)
	})
	return err
}

// isEditing says whether the standing notice is the user's own.
func isEditing(r reader, bucket, key string, user sei.UserID) (bool, error) {
	var body []byte
	err := r.row("SELECT body FROM bucket_rows WHERE bucket = ? AND key = ? AND NOT gone", bucket, key).Scan(&body)
	if found, err := noRows(err); !found || err != nil {
		return false, err
	}
	var row wire.EditingRow
	if err := json.Unmarshal(body, &row); err != nil {
		return false, fmt.Errorf("decoding %s: %w", key, err)
	}
	return row.User == user, nil
}
