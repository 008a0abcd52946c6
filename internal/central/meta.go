package central

import (
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func getMeta(r reader, name string) (string, error) {
	var v string
	err := r.row("SELECT value FROM meta WHERE name = ?", name).Scan(&v)
	if _, err := noRows(err); err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	return v, nil
}

func setMeta(w *writer, name, value string) error {
	return w.exec("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}

// prepareMeta gives the central its id and makes training and demonstration
// stick: what was a training central once never becomes an official one.
func (s *Service) prepareMeta(w *writer) error {
	var err error
	if s.id, err = getMeta(w.reader, "id"); err != nil {
		return err
	}
	if s.id == "" {
		s.id = protocol.NewID(s.cfg.Clock(), s.cfg.Random)
		if err := setMeta(w, "id", s.id); err != nil {
			return err
		}
	}
	if s.training, err = stickyFlag(w, "training", s.cfg.Training); err != nil {
		return err
	}
	if s.demo, err = stickyFlag(w, "demo", s.cfg.Demo); err != nil {
		return err
	}
	return s.prepareName(w)
}

func (s *Service) prepareName(w *writer) error {
	if s.cfg.Name != "" {
		s.name = s.cfg.Name
		return setMeta(w, "name", s.name)
	}
	var err error
	if s.name, err = getMeta(w.reader, "name"); err == nil && s.name == "" {
		s.name = "SEI RS"
	}
	return err
}

func stickyFlag(w *writer, name string, wanted bool) (bool, error) {
	v, err := getMeta(w.reader, name)
	if err != nil || v == "yes" || !wanted {
		return v == "yes", err
	}
	return true, setMeta(w, name, "yes")
}

// loadReferenceOnce fills the catalogue of a new central. Later changes are the
// installation's own and are never overwritten.
func loadReferenceOnce(w *writer) error {
	loaded, err := getMeta(w.reader, "reference")
	if err != nil || loaded != "" {
		return err
	}
	rows, err := shippedReference()
	if err != nil {
		return err
	}
	if err := putCatalogue(w, rows); err != nil {
		return err
	}
	return setMeta(w, "reference", "1")
}

func putCatalogue(w *writer, rows []referenceRow) error {
	_, err := changeBucket(w, wire.CatalogueBucket, func(b *bucket) error {
		for _, r := range rows {
			if err := b.put(r.key, r.body); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
