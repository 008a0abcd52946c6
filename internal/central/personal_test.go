package central_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestAPublicProcessShowsOtherUnitsTheNamesOfContactsAlone(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.desk("SPGG", "ana.schneider", spggGab), w.desk("SEFAZ", "nelson.ribeiro", sefazGab)
	const cpf = "52998224725"
	body := startBody(sei.Public)
	body.Interested = []sei.Contact{{Name: "Maria da Silva", CPF: cpf, Email: "maria@exemplo.br"}}
	id := sei.ProcessID(newID(w))
	ours.do(id, body)

	seen := func(d *desk) string {
		data, err := json.Marshal(d.pull(wire.ProcessBucket(id), 0).Rows)
		must(t, err)
		return string(data)
	}
	if own := seen(ours); !strings.Contains(own, cpf) || !strings.Contains(own, "maria@exemplo.br") {
		t.Errorf("the own unit does not see the contact whole: %s", own)
	}
	other := seen(theirs)
	if strings.Contains(other, cpf) || strings.Contains(other, "maria@exemplo.br") {
		t.Errorf("another unit sees personal data: %s", other)
	}
	if !strings.Contains(other, "Maria da Silva") || !strings.Contains(other, "Processo público gerado") {
		t.Errorf("another unit does not see what is public: %s", other)
	}
}
