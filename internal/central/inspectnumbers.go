package central

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// maxGaps is how many missing numbers of one counter are listed.
const maxGaps = 20

// numberBook gathers, from the history, which numbers of each counter were
// given.
type numberBook struct {
	given map[counterKey][]int64
	// foreign counters also gave numbers that today's masks cannot read; their
	// gaps cannot be judged.
	foreign map[counterKey]bool
	names   map[string]string // process number -> process
}

func newNumberBook() *numberBook {
	return &numberBook{given: map[counterKey][]int64{}, foreign: map[counterKey]bool{}, names: map[string]string{}}
}

func (b *numberBook) add(key counterKey, n int64) { b.given[key] = append(b.given[key], n) }

// countNumbers takes the numbers of a replayed process into the book.
func (in *inspector) countNumbers(p *sei.Process) {
	if other, twice := in.numbers.names[p.Number]; twice {
		in.out.find(CheckNumber, "processo "+p.Number, "Dois processos têm o mesmo número (%s e %s).", other, p.ID)
	}
	in.numbers.names[p.Number] = string(p.ID)
	if p.FilingDate == "" { // an informed number is not the central's
		in.countProcessNumber(p)
	}
	for _, d := range p.Documents {
		in.numbers.add(counterKey{scope: seiScope}, d.SEINumber)
		if d.Kind == sei.Internal && d.Number != "" {
			in.countTypeNumber(d)
		}
	}
}

func (in *inspector) countProcessNumber(p *sei.Process) {
	key, n, read := processCounter(in.cat, in.zone, p)
	in.count(key, n, read)
}

func (in *inspector) countTypeNumber(d *sei.Document) {
	key, n, read := typeCounter(in.cat, in.zone, d)
	in.count(key, n, read)
}

// count takes a number into the book, or notes that the counter also gave one
// that cannot be read.
func (in *inspector) count(key counterKey, n int64, read bool) {
	switch {
	case read:
		in.numbers.add(key, n)
	case key.scope != "":
		in.numbers.foreign[key] = true
	}
}

// counters holds the counters against the numbers that the history shows.
func (in *inspector) counters() error {
	values := map[counterKey]int64{}
	err := in.r.each("SELECT scope, year, value FROM counters", nil, func(scan func(...any) error) error {
		var key counterKey
		var value int64
		err := scan(&key.scope, &key.year, &value)
		values[key] = value
		return err
	})
	if err != nil {
		return err
	}
	leased, err := in.leases()
	if err != nil {
		return err
	}
	passed, err := in.passedRanges()
	if err != nil {
		return err
	}
	keys := maps.Clone(values)
	for key := range in.numbers.given {
		keys[key] = values[key]
	}
	for _, key := range slices.SortedFunc(maps.Keys(keys), func(a, b counterKey) int {
		return strings.Compare(counterName(a), counterName(b))
	}) {
		explained := map[int64]string{}
		if key.scope == seiScope {
			explained = leased
		}
		in.counter(key, values[key], explained, passed[key])
	}
	return nil
}

func counterName(k counterKey) string {
	if k.scope == seiScope {
		return "Nº SEI"
	}
	if k.year == 0 {
		return k.scope
	}
	return k.scope + " de " + strconv.Itoa(k.year)
}

// leases reads what became of every leased Nº SEI.
func (in *inspector) leases() (map[int64]string, error) {
	states := map[int64]string{}
	err := in.r.each("SELECT number, state FROM leased_numbers", nil, func(scan func(...any) error) error {
		var n int64
		var state string
		err := scan(&n, &state)
		states[n] = state
		return err
	})
	return states, err
}

// numberRange is a part of a sequence in which numbers may be missing.
type numberRange struct{ first, last int64 }

func (r numberRange) has(n int64) bool { return r.first <= n && n <= r.last }

// passedRanges reads what recoveries passed over.
func (in *inspector) passedRanges() (map[counterKey][]numberRange, error) {
	ranges := map[counterKey][]numberRange{}
	if in.out.Schema < recoverySchema {
		return ranges, nil
	}
	err := in.r.each("SELECT scope, year, first, last FROM number_ranges ORDER BY scope, year, first", nil, func(scan func(...any) error) error {
		var key counterKey
		var r numberRange
		err := scan(&key.scope, &key.year, &r.first, &r.last)
		ranges[key] = append(ranges[key], r)
		return err
	})
	return ranges, err
}

// counter judges one sequence: every number from 1 to the counter's value is
// carried once, or explained, and none is beyond it.
func (in *inspector) counter(key counterKey, value int64, leased map[int64]string, passed []numberRange) {
	given := in.numbers.given[key]
	slices.Sort(given)
	carried := make(map[int64]bool, len(given))
	for _, n := range given {
		in.out.Numbers++
		switch {
		case carried[n]:
			in.out.find(CheckNumber, counterName(key), "O número %d foi dado duas vezes.", n)
		case n > value:
			in.out.find(CheckNumber, counterName(key), "O número %d foi dado e o contador está em %d: o próximo seria repetido.", n, value)
		}
		carried[n] = true
		if state, ok := leased[n]; ok && state != numberUsed {
			in.out.find(CheckNumber, counterName(key), "O número %d está em um documento e consta como %q na reserva.", n, state)
		}
	}
	if in.numbers.foreign[key] {
		return
	}
	in.gaps(key, value, carried, leased, passed)
}

// gaps lists the first numbers that are missing and counts the others: a counter
// that was put far forward must not keep the inspection counting for ever.
func (in *inspector) gaps(key counterKey, value int64, carried map[int64]bool, leased map[int64]string, passed []numberRange) {
	accounted, given := int64(0), func(n int64) bool { return carried[n] || leased[n] != "" && leased[n] != numberUsed }
	inside := func(n int64) bool { return slices.ContainsFunc(passed, func(r numberRange) bool { return r.has(n) }) }
	for _, r := range passed {
		accounted += max(0, min(r.last, value)-max(r.first, 1)+1)
	}
	for n := range carried {
		if n >= 1 && n <= value && !inside(n) {
			accounted++
		}
	}
	for n := range leased {
		if !carried[n] && given(n) && n >= 1 && n <= value && !inside(n) {
			accounted++
		}
	}
	missing := value - accounted
	for n, listed := int64(1), int64(0); listed < min(missing, maxGaps) && n <= value; n++ {
		if i := slices.IndexFunc(passed, func(r numberRange) bool { return r.has(n) }); i >= 0 {
			n = passed[i].last
			continue
		}
		if given(n) {
			continue
		}
		listed++
		in.out.find(CheckNumber, counterName(key), "O número %d falta e nada o explica.", n)
	}
	if missing > maxGaps {
		in.out.find(CheckNumber, counterName(key), "Faltam %d números ao todo, sem explicação.", missing)
	}
}

// buckets recomputes the checksums that desks verify when they pull.
func (in *inspector) buckets() error {
	for after := ""; ; {
		var names []string
		err := in.r.each("SELECT name FROM buckets WHERE name > ? ORDER BY name LIMIT ?", []any{after, inspectPage}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			names = append(names, name)
			return err
		})
		if err != nil || len(names) == 0 {
			return err
		}
		for _, name := range names {
			if err := in.bucket(name); err != nil {
				return err
			}
		}
		after = names[len(names)-1]
	}
}

func (in *inspector) bucket(name string) error {
	var version int64
	var stored []byte
	if err := in.r.row("SELECT version, checksum FROM buckets WHERE name = ?", name).Scan(&version, &stored); err != nil {
		return fmt.Errorf("reading bucket %s: %w", name, err)
	}
	sum, highest, err := sumOfRows(in.r, name)
	if err != nil {
		return err
	}
	if string(sum[:]) != string(stored) || highest > version {
		in.out.find(CheckBucket, name, "As linhas que as estações recebem não correspondem à soma de verificação.")
	}
	return nil
}
