package local

import (
	"context"
	"database/sql"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Wait is what an entry of the outbox cannot go without.
type Wait struct {
	Needs []sei.CommandID // entries without a verdict, in the order of the queue
	Files []sei.BlobRef   // not known to be at the central
}

// Waits says for each entry that waits what it waits for; an entry that waits
// for nothing is not in it.
func (s *Store) Waits(ctx context.Context) (map[sei.CommandID]Wait, error) {
	out := map[sei.CommandID]Wait{}
	err := s.view(ctx, "finding out what the queue waits for", func(tx *sql.Tx) error {
		err := each(ctx, tx, func(scan func(...any) error) error {
			var id, needs string
			if err := scan(&id, &needs); err != nil {
				return err
			}
			w := out[sei.CommandID(id)]
			w.Needs = append(w.Needs, sei.CommandID(needs))
			out[sei.CommandID(id)] = w
			return nil
		}, `SELECT n.id, n.needs FROM outbox o JOIN outbox_needs n ON n.id = o.id JOIN outbox l ON l.id = n.needs
			WHERE o.state = 'queued' AND l.state IN ('queued', 'sending') ORDER BY o.seq, l.seq`)
		if err != nil {
			return err
		}
		return each(ctx, tx, func(scan func(...any) error) error {
			var id, sha string
			var b sei.BlobRef
			if err := scan(&id, &sha, &b.Size, &b.MIME, &b.Name); err != nil {
				return err
			}
			b.SHA256 = sei.SHA256(sha)
			w := out[sei.CommandID(id)]
			w.Files = append(w.Files, b)
			out[sei.CommandID(id)] = w
			return nil
		}, `SELECT b.id, b.sha, b.size, b.mime, b.name FROM outbox o JOIN outbox_blobs b ON b.id = o.id
			WHERE o.state = 'queued' AND NOT EXISTS (SELECT 1 FROM uploaded u WHERE u.sha = b.sha) ORDER BY o.seq, b.position`)
	})
	return out, err
}
