package central

import (
	"fmt"
	"time"
)

// How many numbers a counter may give after a backup, until the next one. A
// central that is restored from a backup begins behind that range, so that it
// never gives a number which the lost one may have given. The ranges are far
// larger than what is given between two backups.
const (
	seiReserve    = 100_000 // Nº SEI of the whole installation
	numberReserve = 10_000  // of every other counter
)

func reserveOf(scope string) int64 {
	if scope == seiScope {
		return seiReserve
	}
	return numberReserve
}

// counter is one sequence as it stands.
type counter struct {
	key   counterKey
	value int64 // the last number given
	// covered is what the last backup knew of it, and limit the last number that
	// may be given before the next backup; 0 while there was none.
	covered, limit int64
	// passed is, of a counter that has no row yet, how far recoveries have moved
	// its beginning.
	passed int64
}

// openCounter reads a counter. One that nobody used yet begins behind the range
// of every life of this central that was lost.
func openCounter(r reader, zone *time.Location, key counterKey) (counter, error) {
	c := counter{key: key}
	err := r.row("SELECT value, covered FROM counters WHERE scope = ? AND year = ?", key.scope, key.year).Scan(&c.value, &c.covered)
	found, err := noRows(err)
	if err != nil {
		return c, fmt.Errorf("reading counter %s: %w", key.scope, err)
	}
	if !found {
		if c.passed, err = passedBy(r, zone, key); err != nil {
			return c, err
		}
		c.value, c.covered = c.passed, c.passed
	}
	var bound bool
	if err := r.row("SELECT EXISTS (SELECT 1 FROM backups) OR EXISTS (SELECT 1 FROM recoveries)").Scan(&bound); err != nil {
		return c, fmt.Errorf("reading counter %s: %w", key.scope, err)
	}
	if bound {
		c.limit = c.covered + reserveOf(key.scope)
	}
	return c, nil
}

// passedBy is how far the finished recoveries have moved the beginning of a
// counter that has no row: a year that began after them is untouched.
func passedBy(r reader, zone *time.Location, key counterKey) (int64, error) {
	var lives int64
	err := r.each("SELECT finished_at, generation FROM recoveries WHERE finished_at > 0", nil, func(scan func(...any) error) error {
		var finished, generation int64
		if err := scan(&finished, &generation); err != nil {
			return err
		}
		if key.year == 0 || key.year <= fromMicros(finished).In(zone).Year() {
			lives += generation
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("reading the recoveries: %w", err)
	}
	return lives * reserveOf(key.scope), nil
}

// give stores that numbers up to value were given.
func (c counter) give(w *writer, value int64) error {
	if c.passed > 0 {
		if err := passOver(w, c.key, numberRange{1, c.passed}, ""); err != nil {
			return err
		}
	}
	return w.exec(`INSERT INTO counters (scope, year, value, covered) VALUES (?, ?, ?, ?)
		ON CONFLICT (scope, year) DO UPDATE SET
		value = CASE WHEN excluded.value > counters.value THEN excluded.value ELSE counters.value END`, c.key.scope, c.key.year, value, c.covered)
}

// raise makes sure that the counter does not give value again.
func raise(w *writer, zone *time.Location, key counterKey, value int64) error {
	c, err := openCounter(w.reader, zone, key)
	if err != nil || value <= c.value && c.passed == 0 {
		return err
	}
	return c.give(w, max(value, c.value))
}

// passOver notes a range in which numbers may be missing.
func passOver(w *writer, key counterKey, r numberRange, recovery string) error {
	if r.last < r.first {
		return nil
	}
	return w.exec("INSERT INTO number_ranges (scope, year, first, last, recovery) VALUES (?, ?, ?, ?, ?) ON CONFLICT (scope, year, first) DO NOTHING",
		key.scope, key.year, r.first, r.last, recovery)
}

// passCounters moves every counter behind the range that the lost central may
// have given numbers from.
func passCounters(w *writer, v *recovery) error {
	var all []counter
	err := w.each("SELECT scope, year, value, covered FROM counters ORDER BY scope, year", nil, func(scan func(...any) error) error {
		var c counter
		err := scan(&c.key.scope, &c.key.year, &c.value, &c.covered)
		all = append(all, c)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range all {
		next := max(c.value, c.covered+v.generation*reserveOf(c.key.scope))
		if err := passOver(w, c.key, numberRange{c.covered + 1, next}, v.id); err != nil {
			return err
		}
		if err := w.exec("UPDATE counters SET value = ?, covered = ? WHERE scope = ? AND year = ?", next, next, c.key.scope, c.key.year); err != nil {
			return err
		}
	}
	return nil
}
