package desktop

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	gosync "sync"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// takingPause is how often the window hears how far a file has come.
const takingPause = 150 * time.Millisecond

// taking is the one run of taking files of this computer in; a large scan on a
// slow disk takes a while, so it shows how far it is and can be stopped.
type taking struct {
	mu   gosync.Mutex
	stop context.CancelFunc // nil while nothing is taken
	view TakingView
	told time.Time
}

// begin starts a run that the servant can stop; the bool is false while another one runs.
func (t *taking) begin(ctx context.Context) (context.Context, func(), bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		return nil, nil, false
	}
	ctx, cancel := context.WithCancel(ctx)
	t.stop = cancel
	return ctx, func() {
		cancel()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.stop, t.view = nil, TakingView{}
	}, true
}

// set says what is read now; the bool says whether the window is to be told.
func (t *taking) set(v TakingView, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	fresh := v.Name != t.view.Name || now.Sub(t.told) >= takingPause
	t.view = v
	if fresh {
		t.told = now
	}
	return fresh
}

// Pick opens the system's file dialog; only in the desktop window.
func (f *Files) Pick() (Gathered, error) {
	if f.desk.native == nil {
		return Gathered{}, onlyInWindow()
	}
	paths, err := f.desk.native.pickFiles(f.desk.ctx())
	if err != nil {
		return Gathered{}, err
	}
	return f.StagePaths(paths)
}

func onlyInWindow() error {
	return sei.Errorf(sei.CodeUnavailable, "Esta operação só existe na janela do programa.")
}

// StagePaths takes files of this computer in, such as those dropped on the
// desktop window. One that is refused does not hold up the others.
func (f *Files) StagePaths(paths []string) (Gathered, error) {
	out := Gathered{Files: []StagedFile{}, Problems: []string{}}
	// A page served over HTTP must not name files of this computer.
	if f.desk.native == nil {
		return out, onlyInWindow()
	}
	if len(paths) == 0 {
		return out, nil
	}
	ctx, end, free := f.desk.taking.begin(f.desk.ctx())
	if !free {
		return out, sei.Errorf(sei.CodeConflict, "Outros arquivos ainda estão sendo trazidos. Espere, ou cancele, e tente de novo.")
	}
	defer func() {
		end()
		f.desk.changes.say(topicFiles)
	}()
	for _, path := range paths {
		staged, err := f.desk.stageFile(ctx, path)
		switch {
		case ctx.Err() != nil:
			out.Stopped = true
			return out, nil
		case err != nil:
			f.desk.log.Info("taking a file in", "error", err)
			out.Problems = append(out.Problems, problemOf(path, err))
		default:
			out.Files = append(out.Files, staged)
		}
	}
	return out, nil
}

// problemOf names the file unless its message does.
func problemOf(path string, err error) string {
	name, message := filepath.Base(path), sei.MessageOf(err)
	if strings.Contains(message, name) {
		return message
	}
	return name + ": " + message
}

// Taking says which file is read now and how far; its name is empty when none is.
func (f *Files) Taking() (TakingView, error) {
	t := &f.desk.taking
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.view, nil
}

// StopTaking ends the run of taking files in; those that are here whole stay.
func (f *Files) StopTaking() error {
	t := &f.desk.taking
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop != nil {
		t.stop()
	}
	return nil
}

// stageFile takes a file of this computer in; one over the limit is refused
// before it is copied.
func (d *Desk) stageFile(ctx context.Context, path string) (StagedFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return StagedFile{}, sei.Wrap(err, sei.CodeNotFound, "O arquivo não pôde ser aberto.")
	}
	defer closeQuietly(f, d.log, "a file")
	info, err := f.Stat()
	if err != nil {
		return StagedFile{}, fmt.Errorf("looking at a file: %w", err)
	}
	switch {
	case info.IsDir():
		return StagedFile{}, sei.Errorf(sei.CodeInvalid, "É uma pasta; escolha um arquivo.")
	case info.Size() == 0:
		return StagedFile{}, sei.Errorf(sei.CodeInvalid, "O arquivo está vazio.")
	}
	name := filepath.Base(path)
	counted := &countedReader{ctx: ctx, in: f, told: func(done int64) {
		if d.taking.set(TakingView{Name: name, Done: done, Total: info.Size()}, time.Now()) {
			d.changes.say(topicFiles)
		}
	}}
	return d.stageReader(ctx, name, info.Size(), counted)
}

// countedReader tells how much was read, and ends when its context does.
type countedReader struct {
	ctx  context.Context //nolint:containedctx // a reader is given none
	in   io.Reader
	done int64
	told func(done int64)
}

func (r *countedReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.in.Read(p)
	r.done += int64(n)
	r.told(r.done)
	return n, err
}
