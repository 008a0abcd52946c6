package desktop

import (
	"testing"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
)

func TestEachEntryOfTheQueueSaysWhatItWaitsFor(t *testing.T) {
	next := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	entry := func(id sei.CommandID, kind sei.CommandKind, document string) local.OutboxEntry {
		return local.OutboxEntry{ID: id, Kind: kind, Title: sei.CommandTitle(kind), DocumentLabel: document, State: local.StateQueued}
	}
	start, add, sign, send := entry("start", sei.CmdStartProcess, ""), entry("add", sei.CmdAddDocument, "Despacho 12"),
		entry("sign", sei.CmdSignDocument, "Despacho 12"), entry("send", sei.CmdSend, "")
	q := &queueState{
		waits: map[sei.CommandID]local.Wait{
			"add": {Needs: []sei.CommandID{"start"}}, "sign": {Files: []sei.BlobRef{{SHA256: "aa", Name: "despacho.pdf"}}}, "send": {Needs: []sei.CommandID{"sign"}},
		},
		entries: map[sei.CommandID]local.OutboxEntry{"start": start, "add": add, "sign": sign, "send": send},
		attempt: func(id sei.CommandID, files []sei.SHA256) sync.Attempt {
			if len(files) == 1 {
				return sync.Attempt{Last: next.Add(-time.Minute), Next: next, Problem: "Sem conexão."}
			}
			return sync.Attempt{}
		},
	}
	says := func(e local.OutboxEntry, want string) QueueView {
		t.Helper()
		v := queueView(e)
		q.explain(&v, e)
		if v.Waiting != want {
			t.Errorf("%s says %q, want %q", e.ID, v.Waiting, want)
		}
		return v
	}
	q.status = sync.Status{Phase: sync.Syncing, CurrentItem: "sign", BytesDone: 43, BytesTotal: 100}
	says(start, "será enviado em seguida")
	says(add, "aguarda a autuação do processo")
	says(send, "aguarda a assinatura do documento Despacho 12")
	if v := says(sign, "aguarda o envio do arquivo despacho.pdf (43 %)"); !v.NextTry.Equal(next) || !v.LastTry.Equal(next.Add(-time.Minute)) {
		t.Errorf("tried %v, again %v", v.LastTry, v.NextTry)
	}
	q.status = sync.Status{Phase: sync.Offline}
	says(start, "aguarda conexão com a central")
	q.status = sync.Status{Phase: sync.NeedLogin}
	if v := says(sign, "aguarda novo acesso: informe a senha"); !v.NextTry.IsZero() {
		t.Errorf("without a session it is said to be tried at %v", v.NextTry)
	}
	sending := start
	sending.State = local.StateSending
	q.status = sync.Status{Phase: sync.Syncing}
	says(sending, "a caminho da central")
}
