package desktop

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// SaveAs stores what the address serves where the servant says; only in the
// desktop window. It is false when the servant gave up.
func (f *Files) SaveAs(address, name string) (bool, error) {
	d := f.desk
	if d.native == nil {
		return false, onlyInWindow()
	}
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || !strings.HasPrefix(u.Path, "/content/") {
		return false, sei.Errorf(sei.CodeInvalid, "A janela pediu para salvar algo que não é um documento.")
	}
	path, err := d.native.saveAs(d.ctx(), filepath.Base(name))
	if err != nil || path == "" {
		return false, err
	}
	return true, d.saveContent(u, path)
}

// saveContent writes beside the target and renames, so that a failure leaves
// what was there.
func (d *Desk) saveContent(u *url.URL, path string) error {
	out, err := os.CreateTemp(filepath.Dir(path), ".seirs-*")
	if err != nil {
		return sei.Wrap(err, sei.CodeUnavailable, "Não é possível gravar nesta pasta. Escolha outra.")
	}
	w := &fileAnswer{out: bufio.NewWriter(out), header: http.Header{}, status: http.StatusOK}
	r, err := http.NewRequestWithContext(d.ctx(), http.MethodGet, u.String(), nil)
	if err == nil {
		d.contentHandler().ServeHTTP(w, r)
		switch {
		case w.status != http.StatusOK:
			err = sei.Errorf(sei.CodeNotFound, "O documento não está disponível para salvar.")
		case !w.whole():
			err = sei.Errorf(sei.CodeUnavailable, "O documento não pôde ser lido até o fim e não foi salvo. Tente de novo.")
		}
	}
	if err = errors.Join(err, w.out.Flush(), out.Sync(), out.Close()); err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("saving a document: %w", err), os.Remove(out.Name()))
	}
	return nil
}

// fileAnswer lets the content handler answer into a file.
type fileAnswer struct {
	out    *bufio.Writer
	header http.Header
	status int
	n      int64
}

// whole says whether as many bytes came as were announced.
func (a *fileAnswer) whole() bool {
	announced := a.header.Get("Content-Length")
	return announced == "" || announced == strconv.FormatInt(a.n, 10)
}

// Header is for the content handler.
func (a *fileAnswer) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *fileAnswer) WriteHeader(status int) { a.status = status }

// Write counts what it keeps.
func (a *fileAnswer) Write(b []byte) (int, error) {
	n, err := a.out.Write(b)
	a.n += int64(n)
	return n, err
}
