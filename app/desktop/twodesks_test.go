package desktop

import (
	"reflect"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

// rowsOf are the rows of a process and of the unit's minutes as a desk has them.
func (d *testDesk) rowsOf(process string) map[string]int64 {
	d.t.Helper()
	a, err := d.current()
	must(d.t, err)
	rows := map[string]int64{}
	for _, b := range []wire.Bucket{wire.ProcessBucket(sei.ProcessID(process)), wire.UnitBucket("demo-spgg-gab")} {
		list, err := a.store.Bucket(d.ctx(), b)
		must(d.t, err)
		for _, r := range list {
			if !strings.HasPrefix(r.Key, "editing/") { // advice with a time of its own
				rows[string(b)+" "+r.Key] = r.Version
			}
		}
	}
	return rows
}

func (d *testDesk) textOf(process, document string) string {
	d.t.Helper()
	return d.edit(process, document).Text
}

func TestTwoWorkstationsOfOneUserConvergeAndLoseNoText(t *testing.T) {
	w := newWorld(t)
	office, home := w.loggedIn(chief), w.loggedIn(chief)
	process, document := office.start()
	first := office.edit(process, document)
	office.save(process, document, first.Base, "primeira versão")
	office.awaitSent()
	home.await("the minute is on the second desk", func() bool {
		v, err := home.docs.Edit(process, document)
		return err == nil && strings.Contains(v.Text, "primeira versão")
	})

	// A draft that is not saved stays on the desk where it was typed.
	base := home.edit(process, document)
	must(t, home.docs.Autosave(process, document, base.Base, textOf("rascunho de casa")))
	if text := office.textOf(process, document); strings.Contains(text, "rascunho de casa") {
		t.Errorf("the draft of one desk shows on the other: %s", text)
	}

	// Both save on the same base: the later acceptance stands beside, and none is lost.
	office.save(process, document, office.edit(process, document).Base, "versão do escritório")
	home.save(process, document, base.Base, "versão de casa")
	office.awaitSent()
	home.awaitSent()
	same := func() bool { return reflect.DeepEqual(office.rowsOf(process), home.rowsOf(process)) }
	both := func() bool {
		a, err := office.current()
		must(t, err)
		list, err := a.store.Bucket(office.ctx(), wire.UnitBucket("demo-spgg-gab"))
		must(t, err)
		var all strings.Builder
		for _, r := range list {
			if strings.HasPrefix(r.Key, "minute/"+document) {
				all.Write(r.Body)
			}
		}
		return strings.Contains(all.String(), "versão do escritório") && strings.Contains(all.String(), "versão de casa")
	}
	office.await("both texts are at the first desk", both)
	home.await("the desks are equal", same)
}
