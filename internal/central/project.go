package central

import (
	"slices"
	"strconv"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// project brings the read models up to date: the process's own bucket, then the
// inbox line of every unit through which it passed.
func project(w *writer, p *sei.Process, changed []sei.DocumentID, events []appended) error {
	if len(events) == 0 {
		return nil // a text alone changes only the minutes of its unit
	}
	version, err := changeBucket(w, wire.ProcessBucket(p.ID), func(b *bucket) error {
		for _, e := range events {
			if err := b.put(eventKey(e.header.Version), nil); err != nil {
				return err
			}
		}
		for _, id := range changed {
			if err := b.put(documentKey(id), nil); err != nil {
				return err
			}
		}
		return b.put(stateKey, nil)
	})
	if err != nil {
		return err
	}
	units := make([]sei.UnitID, 0, len(p.Units))
	for id := range p.Units {
		units = append(units, id)
	}
	slices.Sort(units) // locks are taken in one order
	for _, u := range units {
		_, err := changeBucket(w, wire.UnitBucket(u), func(b *bucket) error {
			return b.put("process/"+string(p.ID), inboxLine(p, u, version))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const stateKey = "state"

func eventKey(version int64) string        { return "event/" + strconv.FormatInt(version, 10) }
func documentKey(id sei.DocumentID) string { return "document/" + string(id) }

// inboxLine is the process as the list of one unit shows it.
func inboxLine(p *sei.Process, unit sei.UnitID, bucketVersion int64) wire.InboxLine {
	u := p.Units[unit]
	line := wire.InboxLine{
		Process: p.ID, BucketVersion: bucketVersion, Number: p.Number, Type: p.Type, Specification: p.Specification,
		Level: p.GlobalLevel(), Open: u.Open, Received: u.Received, Generated: u.Generated, AssignedTo: u.AssignedTo,
		From: u.From, Since: u.Since, LastEventAt: p.LastEventAt, Documents: len(p.Order), Acknowledged: len(p.Acks) > 0,
	}
	for _, c := range p.Interested {
		line.Interested = append(line.Interested, c.Name)
	}
	return line
}
