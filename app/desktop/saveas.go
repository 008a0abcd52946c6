package desktop

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
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
		if w.status != http.StatusOK {
			err = sei.Errorf(sei.CodeNotFound, "O documento não está disponível para salvar.")
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
}

func (a *fileAnswer) Header() http.Header         { return a.header }
func (a *fileAnswer) WriteHeader(status int)      { a.status = status }
func (a *fileAnswer) Write(b []byte) (int, error) { return a.out.Write(b) }
