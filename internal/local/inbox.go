package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// Column is a part of Controle de Processos.
type Column string

// Recebidos and Gerados; a process stands under Gerados in the unit that
// started it.
const (
	ColumnAll       Column = "all"
	ColumnReceived  Column = "received"
	ColumnGenerated Column = "generated"
)

// InboxSort is an order of the list.
type InboxSort string

// The orders. Those by time show the latest first unless Reverse is set.
const (
	SortLastEvent     InboxSort = "lastEvent"
	SortSince         InboxSort = "since"
	SortNumber        InboxSort = "number"
	SortSpecification InboxSort = "specification"
	SortType          InboxSort = "type"
)

var inboxOrders = map[InboxSort][2]string{
	SortLastEvent:     {`last_event DESC`, `last_event`},
	SortSince:         {`since DESC`, `since`},
	SortNumber:        {`number`, `number DESC`},
	SortSpecification: {`specification COLLATE NOCASE`, `specification COLLATE NOCASE DESC`},
	SortType:          {`type`, `type DESC`},
}

// MaxInboxPage limits one page of the list.
const MaxInboxPage = 500

// InboxQuery selects a page of a unit's list.
type InboxQuery struct {
	Column        Column     // "" is all
	IncludeClosed bool       // also concluded here
	NotReceived   bool       // only those shown in red
	AssignedTo    sei.UserID // "" is whoever
	Unassigned    bool       // only those of nobody
	Type          int        // 0 is any
	Text          string     // words, any order, accents and case ignored; numbers with or without punctuation
	Sort          InboxSort  // "" is SortLastEvent
	Reverse       bool
	Offset, Limit int // Limit 0 means 50
}

// InboxPage is a page and how many lines the whole selection has.
type InboxPage struct {
	Lines []wire.InboxLine
	Total int
}

// InboxCounts are the open processes of a unit.
type InboxCounts struct {
	Received, Generated int
	NotReceived         int // among Received, not yet opened here: SEI reddens only that column
	AssignedTo          int // to the user asked about
}

// Inbox gives a page of a unit's Controle de Processos.
func (s *Store) Inbox(ctx context.Context, unit sei.UnitID, q InboxQuery) (InboxPage, error) {
	where, args := inboxFilter(unit, q)
	order, ok := inboxOrders[q.Sort]
	if !ok {
		order = inboxOrders[SortLastEvent]
	}
	by := order[0]
	if q.Reverse {
		by = order[1]
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	var page InboxPage
	err := s.view(ctx, "reading the list of "+string(unit), func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM inbox WHERE `+where, args...).Scan(&page.Total); err != nil {
			return err
		}
		// The page is cut on the narrow table, then its bodies are looked up.
		args := append(args, min(limit, MaxInboxPage), max(q.Offset, 0), string(wire.UnitBucket(unit)))
		return each(ctx, tx, func(scan func(...any) error) error {
			var body []byte
			if err := scan(&body); err != nil {
				return err
			}
			var l wire.InboxLine
			if err := json.Unmarshal(body, &l); err != nil {
				return damaged(fmt.Errorf("decoding a line: %w", err))
			}
			page.Lines = append(page.Lines, l)
			return nil
		}, `WITH page AS (SELECT process, row_number() OVER (ORDER BY `+by+`, process) AS place FROM inbox
				WHERE `+where+` ORDER BY `+by+`, process LIMIT ? OFFSET ?)
			SELECT s.body FROM page JOIN synced s ON s.bucket = ? AND s.key = 'process/' || page.process ORDER BY place`, args...)
	})
	return page, err
}

func inboxFilter(unit sei.UnitID, q InboxQuery) (where string, args []any) {
	conditions, args := []string{`unit = ?`}, []any{string(unit)}
	add := func(condition string, values ...any) {
		conditions, args = append(conditions, condition), append(args, values...)
	}
	if !q.IncludeClosed {
		add(`open = 1`)
	}
	switch q.Column {
	case ColumnReceived:
		add(`generated = 0`)
	case ColumnGenerated:
		add(`generated = 1`)
	}
	if q.NotReceived {
		add(`received = 0`)
	}
	if q.AssignedTo != "" {
		add(`assigned = ?`, string(q.AssignedTo))
	}
	if q.Unassigned {
		add(`assigned = ''`)
	}
	if q.Type != 0 {
		add(`type = ?`, q.Type)
	}
	for _, w := range filterWords(q.Text) {
		add(`folded LIKE ? ESCAPE '\'`, `%`+escapeLike(w)+`%`)
	}
	return strings.Join(conditions, ` AND `), args
}

// filterWords takes at most ten words: more narrow nothing down any further.
func filterWords(text string) []string {
	words := strings.Fields(fold(cut(text, 500)))
	if len(words) > 10 {
		words = words[:10]
	}
	return words
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// InboxCounts counts a unit's open processes; user is whose assignments count.
func (s *Store) InboxCounts(ctx context.Context, unit sei.UnitID, user sei.UserID) (InboxCounts, error) {
	var c InboxCounts
	err := s.r.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE generated = 0), count(*) FILTER (WHERE generated = 1),
			count(*) FILTER (WHERE received = 0 AND generated = 0), count(*) FILTER (WHERE assigned = ? AND assigned <> '')
		FROM inbox WHERE unit = ? AND open = 1`, string(user), string(unit)).
		Scan(&c.Received, &c.Generated, &c.NotReceived, &c.AssignedTo)
	if err != nil {
		return c, fmt.Errorf("counting the list of %s: %w", unit, err)
	}
	return c, nil
}

// InboxLine gives one process's line in a unit's list.
func (s *Store) InboxLine(ctx context.Context, unit sei.UnitID, process sei.ProcessID) (wire.InboxLine, bool, error) {
	var l wire.InboxLine
	found := false
	err := each(ctx, s.r, func(scan func(...any) error) error {
		var body []byte
		if err := scan(&body); err != nil {
			return err
		}
		found = true
		return json.Unmarshal(body, &l)
	}, `SELECT body FROM synced WHERE bucket = ? AND key = ?`, string(wire.UnitBucket(unit)), "process/"+string(process))
	if err != nil {
		return l, false, fmt.Errorf("reading a line of %s: %w", unit, err)
	}
	return l, found, nil
}
