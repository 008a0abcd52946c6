package intake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	// debounce gathers a burst of notifications into one look.
	debounce = 100 * time.Millisecond
	// maxEntries bounds what one look reads of a folder that was chosen badly.
	maxEntries = 20_000
)

// Folder is a watched folder. Its methods may be called from any goroutine.
type Folder struct {
	cfg     Config
	changes chan struct{}
	kick    chan struct{}
	done    chan struct{}

	mu      sync.Mutex
	tracker *tracker
	problem string
}

// Watch begins to watch until ctx is done. It refuses with sei.CodeInvalid a
// path that is not absolute or is not a folder; a folder that does not exist (a
// drive not yet connected) is waited for.
func Watch(ctx context.Context, cfg Config) (*Folder, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(cfg.Dir); err == nil && !info.IsDir() {
		return nil, sei.Errorf(sei.CodeInvalid, "O caminho escolhido não é uma pasta. Escolha uma pasta para ser monitorada.")
	}
	f := &Folder{
		cfg:     cfg,
		changes: make(chan struct{}, 1),
		kick:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		tracker: newTracker(cfg),
	}
	go f.run(ctx)
	return f, nil
}

// Items returns what is in the folder, oldest first, without what was filed or
// removed from the list.
func (f *Folder) Items() []Item {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tracker.items()
}

// Problem says, in Portuguese, why the folder cannot be watched in full at
// present; "" when all is well.
func (f *Folder) Problem() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.problem
}

// Changes signals that Items or Problem may answer otherwise than before. It
// holds one signal for any number of changes, and is closed when the watching
// has ended.
func (f *Folder) Changes() <-chan struct{} { return f.changes }

// Done is closed when the watching has ended and nothing is held open any more.
func (f *Folder) Done() <-chan struct{} { return f.done }

// Remove takes a file off the list; the file itself stays where it is. It comes
// back to the list if it changes, or when the folder is watched anew, unless
// Config.Filed knows its content by then. It tells whether the file was listed.
func (f *Folder) Remove(path string) bool {
	f.mu.Lock()
	removed := f.tracker.dismiss(filepath.Clean(path))
	f.mu.Unlock()
	if removed {
		f.lookAgain()
	}
	return removed
}

// MarkFiled takes every file with this content off the list, now and as long as
// the folder is watched.
func (f *Folder) MarkFiled(sha256 string) {
	f.mu.Lock()
	marked := f.tracker.markFiled(strings.ToLower(sha256))
	f.mu.Unlock()
	if marked {
		f.lookAgain()
	}
}

// lookAgain leaves the signalling to the watching goroutine, which alone sends
// on and closes the channel.
func (f *Folder) lookAgain() {
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

func (f *Folder) signal() {
	select {
	case f.changes <- struct{}{}:
	default:
	}
}

func (f *Folder) run(ctx context.Context) {
	defer close(f.done)
	defer close(f.changes)
	w := f.openWatch()
	defer w.close()
	next := time.Now()
	for {
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			next = f.round(ctx, w)
		case <-f.kick:
			f.signal()
		case <-w.wake:
			next = earlier(next, time.Now().Add(debounce))
		}
		timer.Stop()
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// round looks at the folder, examines what is due and returns when to look next.
func (f *Folder) round(ctx context.Context, w *watch) time.Time {
	seen, problem := f.look(w)
	f.mu.Lock()
	changed := f.tracker.observe(time.Now(), seen) || f.problem != problem
	f.problem = problem
	due := f.tracker.due(time.Now())
	f.mu.Unlock()
	if changed {
		f.signal()
	}
	for _, s := range due {
		found := examine(ctx, f.cfg, s)
		if ctx.Err() != nil {
			break
		}
		f.mu.Lock()
		changed := f.tracker.settle(time.Now(), s, found)
		f.mu.Unlock()
		if changed {
			f.report(s, found)
			f.signal()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	next := time.Now().Add(f.cfg.Poll)
	if at, ok := f.tracker.next(); ok {
		next = earlier(next, at)
	}
	return next
}

// report tells the operator about a file that could not be examined, once.
func (f *Folder) report(s sighting, found finding) {
	if found.err != nil {
		f.cfg.Log.Warn("watched folder: a file cannot be examined", "file", s.name, "err", found.err)
	}
}

// look lists the files that may be documents.
func (f *Folder) look(w *watch) (seen []sighting, problem string) {
	info, err := os.Stat(f.cfg.Dir)
	if err == nil && !info.IsDir() {
		err = fs.ErrInvalid
	}
	if err != nil {
		w.drop()
		return nil, "A pasta monitorada não está acessível. Verifique se ela existe e se a unidade de rede está conectada; o programa continua tentando."
	}
	w.follow(info) // before reading: what arrives in between is then notified
	entries, more, err := readDir(f.cfg.Dir)
	if err != nil {
		f.cfg.Log.Warn("watched folder: reading failed", "err", err)
		w.drop()
		return nil, "A pasta monitorada não pôde ser lida. Verifique a sua permissão e a conexão; o programa continua tentando."
	}
	if w.emptied(len(entries)) {
		return f.look(w)
	}
	for _, e := range entries {
		if s, ok := sight(f.cfg.Dir, e); ok {
			seen = append(seen, s)
		}
	}
	if len(seen) > f.cfg.MaxFiles {
		seen, more = seen[:f.cfg.MaxFiles], true
	}
	if more {
		problem = "A pasta monitorada tem arquivos demais e só os primeiros são mostrados. Retire da pasta o que já foi registrado."
	}
	return seen, problem
}

// readDir reads a bounded number of entries, by name.
func readDir(dir string) (entries []fs.DirEntry, more bool, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, false, err
	}
	entries, err = d.ReadDir(maxEntries)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, len(entries) == maxEntries, errors.Join(err, d.Close())
}

// sight passes over folders, links (they may lead anywhere) and names that are
// never documents.
func sight(dir string, e fs.DirEntry) (sighting, bool) {
	if !e.Type().IsRegular() || ignored(e.Name()) {
		return sighting{}, false
	}
	path := filepath.Join(dir, e.Name())
	info, err := os.Lstat(path) // not e.Info: Windows keeps stale sizes in listings while a file is written
	if err != nil || !info.Mode().IsRegular() || hidden(info) {
		return sighting{}, false
	}
	return sighting{path: path, name: e.Name(), mark: fingerprint{info.Size(), info.ModTime()}}, true
}

// watch is the notification of the file system, as far as there is one.
type watch struct {
	dir     string
	watcher *fsnotify.Watcher // nil: regular looks only
	wake    chan struct{}     // one signal for any number of notifications
	drained chan struct{}     // closed when drain has ended
	folder  os.FileInfo       // the folder that is followed, nil for none
	entries int               // in it, at the last look
	log     *slog.Logger
}

func (f *Folder) openWatch() *watch {
	w := &watch{dir: f.cfg.Dir, wake: make(chan struct{}, 1), drained: make(chan struct{}), log: f.cfg.Log}
	if f.cfg.PollOnly {
		return w
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		w.log.Warn("watched folder: no notifications, regular looks only", "err", err)
		return w
	}
	w.watcher = watcher
	go w.drain()
	return w
}

// drain takes notifications off the watcher at once. Were they taken by whoever
// calls Add and Remove, these could wait for ever on Windows, where they are
// answered by the very goroutine that delivers notifications.
func (w *watch) drain() {
	defer close(w.drained)
	for {
		select {
		case _, open := <-w.watcher.Events:
			if !open {
				return
			}
		case err, open := <-w.watcher.Errors:
			if !open {
				return
			}
			// An overflow, or a drive that went away: the next look finds out.
			w.log.Warn("watched folder: notification failed", "err", err)
		}
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// follow makes sure that it is this folder which is watched, and not one that
// had its name before.
func (w *watch) follow(folder os.FileInfo) {
	if w.watcher == nil {
		return
	}
	if w.folder != nil && os.SameFile(w.folder, folder) && slices.Contains(w.watcher.WatchList(), w.dir) {
		return
	}
	w.drop()
	if err := w.watcher.Add(w.dir); err != nil {
		w.log.Warn("watched folder: cannot be notified, regular looks only", "err", err)
		return
	}
	w.folder = folder
}

// emptied lets go of a folder that has become empty, once, and tells whether it
// did: emptying is the first half of deleting, and some systems keep a deleted
// folder in sight, and its name taken, for as long as somebody watches it.
func (w *watch) emptied(entries int) bool {
	was := w.entries
	w.entries = entries
	if entries > 0 || was == 0 || w.folder == nil {
		return false
	}
	w.drop()
	return true
}

// drop lets go of the folder; on Windows it could not be deleted for good before.
func (w *watch) drop() {
	if w.watcher == nil || w.folder == nil {
		return
	}
	w.folder = nil
	if err := w.watcher.Remove(w.dir); err != nil && !errors.Is(err, fsnotify.ErrNonExistentWatch) {
		w.log.Warn("watched folder: letting go failed", "err", err)
	}
}

func (w *watch) close() {
	if w.watcher == nil {
		return
	}
	if err := w.watcher.Close(); err != nil {
		w.log.Warn("watched folder: closing failed", "err", err)
	}
	<-w.drained
}
