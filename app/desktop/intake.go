package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	gosync "sync"

	"github.com/sei-rs/sei-rs-desktop/internal/intake"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Intake is the watched folder, as the window sees it.
type Intake struct{ desk *Desk }

const (
	prefFolder = "intake.folder"
	prefFiled  = "intake.filed"
	maxFiled   = 2000 // hashes remembered, so that a file is not offered twice
)

// watched is the account's watched folder.
type watched struct {
	a *account

	mu     gosync.Mutex
	path   string
	folder *intake.Folder
	cancel context.CancelFunc
	done   []string // SHA-256 of what was filed, oldest first
	work   gosync.WaitGroup
}

func newWatched(a *account) *watched { return &watched{a: a} }

// restore watches the folder that was chosen before.
func (w *watched) restore(ctx context.Context) error {
	if list, ok, err := w.a.store.Preference(ctx, prefFiled); err != nil {
		return fmt.Errorf("reading what was filed: %w", err)
	} else if ok {
		if err := json.Unmarshal([]byte(list), &w.done); err != nil {
			w.a.desk.log.Warn("reading what was filed", "error", err)
		}
	}
	path, ok, err := w.a.store.Preference(ctx, prefFolder)
	if err != nil || !ok || path == "" {
		return err
	}
	if err := w.watch(path); err != nil {
		w.a.desk.log.Warn("watching the folder", "error", err)
	}
	return nil
}

// watch replaces the folder that is watched; "" watches none.
func (w *watched) watch(path string) error {
	w.stop()
	if path == "" {
		return nil
	}
	ctx, cancel := context.WithCancel(w.a.desk.root)
	folder, err := intake.Watch(ctx, intake.Config{
		Dir: path, MaxBytes: w.a.maxFile(), Check: inspectFile, Filed: w.wasFiled, Log: w.a.desk.log,
	})
	if err != nil {
		cancel()
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.path, w.folder, w.cancel = path, folder, cancel
	w.work.Go(func() {
		for range folder.Changes() {
			w.a.desk.changes.say(topicIntake, topicStatus)
		}
	})
	return nil
}

// inspectFile refuses what is not a readable PDF, with the reason.
func inspectFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening a watched file: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	_, err = pdf.Inspect(f)
	return err
}

func (w *watched) stop() {
	w.mu.Lock()
	cancel, folder := w.cancel, w.folder
	w.cancel, w.folder, w.path = nil, nil, ""
	w.mu.Unlock()
	if cancel != nil {
		cancel()
		<-folder.Done()
		w.work.Wait()
	}
}

func (w *watched) wasFiled(sha string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.done, sha)
}

// filed remembers that a file was put into a process.
func (w *watched) filed(sha string) {
	w.mu.Lock()
	w.done = append(w.done, sha)
	if len(w.done) > maxFiled {
		w.done = w.done[len(w.done)-maxFiled:]
	}
	list, err := json.Marshal(w.done)
	folder := w.folder
	w.mu.Unlock()
	if err == nil {
		err = w.a.store.SetPreference(w.a.desk.root, prefFiled, string(list))
	}
	if err != nil {
		w.a.desk.log.Warn("remembering what was filed", "error", err)
	}
	if folder != nil {
		folder.MarkFiled(sha)
	}
	w.a.desk.changes.say(topicIntake, topicStatus)
}

func (w *watched) items() []intake.Item {
	w.mu.Lock()
	folder := w.folder
	w.mu.Unlock()
	if folder == nil {
		return nil
	}
	return folder.Items()
}

// waiting counts the files that can be registered.
func (w *watched) waiting() int {
	n := 0
	for _, i := range w.items() {
		if i.State == intake.Waiting {
			n++
		}
	}
	return n
}

// find gives a waiting item by its content's hash.
func (w *watched) find(id string) (intake.Item, error) {
	for _, i := range w.items() {
		if i.SHA256 == id && id != "" {
			return i, nil
		}
	}
	return intake.Item{}, sei.Errorf(sei.CodeNotFound, "O arquivo não está mais na pasta monitorada.")
}

func (w *watched) open(id string) (*os.File, error) {
	item, err := w.find(id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(item.Path)
	if err != nil {
		return nil, sei.Wrap(err, sei.CodeNotFound, "O arquivo "+item.Name+" não pôde ser aberto.")
	}
	return f, nil
}

// State is the folder and what lies in it.
func (x *Intake) State() (IntakeView, error) {
	a, err := x.desk.current()
	if err != nil {
		return IntakeView{}, err
	}
	w := a.intake
	v := IntakeView{Items: []IntakeItem{}}
	w.mu.Lock()
	v.Folder = w.path
	if w.folder != nil {
		v.Problem = w.folder.Problem()
	}
	w.mu.Unlock()
	for _, i := range w.items() {
		item := IntakeItem{ID: i.SHA256, Name: i.Name, Size: i.Size, At: i.ModTime, State: string(i.State), Reason: i.Reason}
		if i.State == intake.Waiting {
			item.URL = "/content/intake/" + i.SHA256
		}
		v.Items = append(v.Items, item)
	}
	return v, nil
}

// Choose sets the folder; "" stops watching.
func (x *Intake) Choose(path string) (IntakeView, error) {
	a, err := x.desk.current()
	if err != nil {
		return IntakeView{}, err
	}
	if path != "" && !filepath.IsAbs(path) {
		return IntakeView{}, sei.Errorf(sei.CodeInvalid, "Informe o caminho completo da pasta.")
	}
	if path != "" {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			return IntakeView{}, sei.Errorf(sei.CodeInvalid, "A pasta %s não existe ou não pode ser lida.", path)
		}
	}
	if err := a.intake.watch(path); err != nil {
		return IntakeView{}, err
	}
	if err := a.store.SetPreference(x.desk.ctx(), prefFolder, path); err != nil {
		return IntakeView{}, fmt.Errorf("remembering the folder: %w", err)
	}
	x.desk.changes.say(topicIntake, topicStatus)
	return x.State()
}

// PickFolder opens the system's folder dialog; only in the desktop window.
func (x *Intake) PickFolder() (IntakeView, error) {
	if x.desk.native == nil {
		return IntakeView{}, onlyInWindow()
	}
	path, err := x.desk.native.pickFolder(x.desk.ctx())
	if err != nil {
		return IntakeView{}, err
	}
	if path == "" {
		return x.State()
	}
	return x.Choose(path)
}

// Stage takes a waiting file to be registered. The bytes taken are those that
// were shown, or none.
func (x *Intake) Stage(id string) (StagedFile, error) {
	a, err := x.desk.current()
	if err != nil {
		return StagedFile{}, err
	}
	f, err := a.intake.open(id)
	if err != nil {
		return StagedFile{}, err
	}
	defer closeQuietly(f, x.desk.log, "a file")
	staged, err := x.desk.stageReader(x.desk.ctx(), filepath.Base(f.Name()), -1, io.Reader(f))
	if err != nil {
		return StagedFile{}, err
	}
	if staged.SHA256 != id {
		changed := sei.Errorf(sei.CodeConflict, "O arquivo mudou desde que foi mostrado. Confira-o de novo.")
		return StagedFile{}, errors.Join(changed, (&Files{x.desk}).Unstage(staged.ID))
	}
	item, err := x.desk.stage.get(staged.ID)
	if err != nil {
		return StagedFile{}, err
	}
	item.intake = id
	return staged, nil
}
