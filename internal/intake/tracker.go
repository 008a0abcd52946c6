package intake

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// fingerprint is what tells that a file has changed.
type fingerprint struct {
	size    int64
	modTime time.Time
}

func (p fingerprint) equal(q fingerprint) bool { return p.size == q.size && p.modTime.Equal(q.modTime) }

// sighting is one file as one look at the folder found it.
type sighting struct {
	path, name string
	mark       fingerprint
}

// entry is what is known about one file.
type entry struct {
	item  Item
	mark  fingerprint
	since time.Time // when this mark was first seen: by our clock, for the file's
	// own time may be the original's (copies keep it) or another machine's
	due       time.Time // when to examine it; zero when nothing is left to find out
	dismissed bool
	filed     bool // Config.Filed knew its content when it was examined
}

// tracker follows the files of a folder. It does no I/O and has no clock: it is
// told what was seen, and when.
type tracker struct {
	cfg     Config
	entries map[string]*entry
	filed   map[string]bool
}

func newTracker(cfg Config) *tracker {
	return &tracker{cfg: cfg, entries: map[string]*entry{}, filed: map[string]bool{}}
}

// observe takes in a look at the whole folder and tells whether anything a
// servant sees has changed.
func (t *tracker) observe(now time.Time, seen []sighting) bool {
	changed := false
	present := make(map[string]bool, len(seen))
	for _, s := range seen {
		present[s.path] = true
		if e := t.entries[s.path]; e != nil && e.mark.equal(s.mark) {
			continue
		}
		t.entries[s.path] = t.arrive(now, s)
		changed = true
	}
	for path := range t.entries {
		if !present[path] {
			delete(t.entries, path)
			changed = true
		}
	}
	return changed
}

// arrive starts to follow a file that is new or has changed.
func (t *tracker) arrive(now time.Time, s sighting) *entry {
	e := &entry{
		item:  Item{Path: s.path, Name: s.name, Size: s.mark.size, ModTime: s.mark.modTime, State: Incoming},
		mark:  s.mark,
		since: now,
		due:   now.Add(t.cfg.Quiet),
	}
	if !isPDFName(s.name) {
		e.reject("Só arquivos PDF podem ser registrados a partir da pasta monitorada. Converta o arquivo em PDF ou registre-o pela tela do processo.")
	}
	return e
}

// due returns the files that it is time to examine, by name.
func (t *tracker) due(now time.Time) []sighting {
	var list []sighting
	for path, e := range t.entries {
		if !e.due.IsZero() && !e.due.After(now) {
			list = append(list, sighting{path: path, name: e.item.Name, mark: e.mark})
		}
	}
	slices.SortFunc(list, func(a, b sighting) int { return cmp.Compare(a.path, b.path) })
	return list
}

// next returns when the next file is due; ok is false when none is.
func (t *tracker) next() (at time.Time, ok bool) {
	for _, e := range t.entries {
		if !e.due.IsZero() && (!ok || e.due.Before(at)) {
			at, ok = e.due, true
		}
	}
	return at, ok
}

// finding is the outcome of an examination.
type finding struct {
	sha256 string // complete, if set
	reason string // to be rejected with, or why it is still waited for
	final  bool   // reason stands as long as the file does not change
	filed  bool   // complete, and filed before
	err    error  // for the operator, where the reason says too little
}

// settle records what an examination of s found. A file that has changed or gone
// since is left as it is: another examination will come.
func (t *tracker) settle(now time.Time, s sighting, f finding) bool {
	e := t.entries[s.path]
	if e == nil || !e.mark.equal(s.mark) {
		return false
	}
	before := e.item
	switch {
	case f.sha256 != "":
		e.item.State, e.item.SHA256, e.item.Reason, e.due = Waiting, f.sha256, "", time.Time{}
		e.filed = f.filed
	case f.final:
		e.reject(f.reason)
	case now.Sub(e.since) >= t.cfg.Patience:
		// Out of patience, not out of hope: a program may let go of the file
		// without changing it.
		e.reject(f.reason)
		e.due = now.Add(max(t.cfg.Poll, t.cfg.Quiet))
	default:
		e.item.Reason = f.reason
		e.due = now.Add(t.cfg.Quiet)
	}
	return e.item.State != before.State || e.item.Reason != before.Reason
}

func (e *entry) reject(reason string) {
	e.item.State, e.item.Reason, e.due = Rejected, reason, time.Time{}
}

// dismiss takes a file off the list until it changes.
func (t *tracker) dismiss(path string) bool {
	e := t.entries[path]
	if e == nil || e.dismissed {
		return false
	}
	e.dismissed = true
	return true
}

// markFiled takes all files with this content off the list.
func (t *tracker) markFiled(sha256 string) bool {
	if t.filed[sha256] {
		return false
	}
	t.filed[sha256] = true
	return true
}

// items lists what a servant sees, oldest first; of files with the same content
// the oldest stands for all.
func (t *tracker) items() []Item {
	entries := slices.SortedFunc(maps.Values(t.entries), func(a, b *entry) int {
		return cmp.Or(a.item.ModTime.Compare(b.item.ModTime), cmp.Compare(a.item.Path, b.item.Path))
	})
	list := make([]Item, 0, len(entries))
	first := map[string]int{}
	for _, e := range entries {
		sum := e.item.SHA256
		if e.dismissed || e.filed || t.filed[sum] {
			continue
		}
		if i, known := first[sum]; known && sum != "" {
			list[i].Copies = append(list[i].Copies, e.item.Path)
			continue
		}
		first[sum] = len(list)
		list = append(list, e.item)
	}
	return list
}
