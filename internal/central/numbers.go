package central

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// seiScope is the counter of the installation's Nº SEI.
const seiScope = "sei"

type counterKey struct {
	scope string
	year  int
}

// numbers gives numbers to one decision. What was taken is written down only if
// the decision allows the command: a refusal leaves no gap.
type numbers struct {
	w     *writer
	cat   *catalogue
	zone  *time.Location
	taken map[counterKey]int64
	// opened is how the counters of taken stood before.
	opened map[counterKey]counter
}

var _ sei.Numberer = (*numbers)(nil)

func (n *numbers) next(scope string, year int) (int64, error) {
	key := counterKey{scope, year}
	last, ok := n.taken[key]
	if !ok {
		c, err := openCounter(n.w.reader, n.zone, key)
		if err != nil {
			return 0, err
		}
		n.opened[key], last = c, c.value
	}
	if limit := n.opened[key].limit; limit > 0 && last >= limit {
		return 0, fmt.Errorf("counter %s of %d has given all numbers up to %d that the last backup reserved: make a backup", scope, year, limit)
	}
	n.taken[key] = last + 1
	return last + 1, nil
}

// keep makes the numbers that were taken final.
func (n *numbers) keep() error {
	for key, value := range n.taken {
		if err := n.opened[key].give(n.w, value); err != nil {
			return err
		}
	}
	return nil
}

// NextProcessNumber numbers by the mask of the unit's agency; the counter is
// keyed by the mask's scope and the year in the legal time zone.
func (n *numbers) NextProcessNumber(u sei.Unit, now time.Time) (string, error) {
	agency, ok := n.cat.Agencies[u.Agency]
	if !ok {
		return "", fmt.Errorf("unit %s belongs to an unknown agency %s", u.ID, u.Agency)
	}
	mask, err := protocol.ParseMask(agency.Mask)
	if err != nil {
		return "", fmt.Errorf("mask of agency %s: %w", agency.ID, err)
	}
	year := now.In(n.zone).Year()
	seq, err := n.next(processScope(mask, u.ID, agency.ID), year)
	if err != nil {
		return "", err
	}
	return mask.Format(protocol.Parts{
		AgencyCode: strconv.Itoa(agency.Code), UnitCode: strconv.Itoa(u.Code), Sequence: seq, Year: year,
	})
}

// processScope is what the process numbers of a mask are counted by.
func processScope(mask protocol.Mask, unit sei.UnitID, agency sei.AgencyID) string {
	scope := "process/" + mask.Scope().String()
	switch mask.Scope() {
	case protocol.ScopeUnit:
		scope += "/" + string(unit)
	case protocol.ScopeAgency:
		scope += "/" + string(agency)
	}
	return scope
}

// NextSEINumber is the next of the one sequence that leases are cut from too.
func (n *numbers) NextSEINumber() (int64, error) { return n.next(seiScope, 0) }

// NextTypeNumber numbers within the type, by agency or unit, by year or not.
func (n *numbers) NextTypeNumber(t sei.DocumentType, u sei.Unit, now time.Time) (string, error) {
	scope := typeScope(t, u)
	year := now.In(n.zone).Year()
	if t.Numbering == sei.NumberAgency {
		seq, err := n.next(scope, 0)
		return strconv.FormatInt(seq, 10), err
	}
	seq, err := n.next(scope, year)
	return fmt.Sprintf("%d/%d", seq, year), err
}

// typeScope is what the numbers of a document type are counted by.
func typeScope(t sei.DocumentType, u sei.Unit) string {
	scope := "type/" + strconv.Itoa(t.ID) + "/" + string(u.Agency)
	if t.Numbering == sei.NumberUnitYear {
		scope += "/" + string(u.ID)
	}
	return scope
}

// processCounter tells which counter gave a process its number, and the number
// in it. An informed number is no counter's: the scope is "" then. What today's
// mask cannot read has a counter and is not read.
func processCounter(cat *catalogue, zone *time.Location, p *sei.Process) (key counterKey, n int64, read bool) {
	mask, err := protocol.ParseMask(cat.Agencies[p.Agency].Mask)
	if err != nil || p.FilingDate != "" {
		return key, 0, false
	}
	key = counterKey{processScope(mask, p.GeneratingUnit, p.Agency), p.StartedAt.In(zone).Year()}
	parts, err := mask.Parse(p.Number)
	return key, parts.Sequence, err == nil
}

// typeCounter does the same for the number of a document within its type.
func typeCounter(cat *catalogue, zone *time.Location, d *sei.Document) (key counterKey, n int64, read bool) {
	t := cat.DocumentTypes[d.Type]
	if d.Kind != sei.Internal || d.Number == "" || !t.Numbering.Automatic() {
		return key, 0, false
	}
	key = counterKey{typeScope(t, cat.Units[d.GeneratingUnit]), d.AddedAt.In(zone).Year()}
	text, year, hasYear := strings.Cut(d.Number, "/")
	if t.Numbering == sei.NumberAgency {
		key.year = 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return key, n, err == nil && hasYear == (key.year != 0) && (!hasYear || year == strconv.Itoa(key.year))
}
