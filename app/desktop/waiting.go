package desktop

import (
	"fmt"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/local"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
	"github.com/sei-rs/sei-rs-desktop/internal/sync"
)

// queueState is what the sentences of the queue are made from.
type queueState struct {
	status  sync.Status
	waits   map[sei.CommandID]local.Wait
	entries map[sei.CommandID]local.OutboxEntry
	attempt func(sei.CommandID, []sei.SHA256) sync.Attempt
}

// explain says of an entry in the queue for what it waits, when it was last tried
// and when it is tried again.
func (q *queueState) explain(v *QueueView, e local.OutboxEntry) {
	wait := q.waits[e.ID]
	files := make([]sei.SHA256, len(wait.Files))
	for i, f := range wait.Files {
		files[i] = f.SHA256
	}
	tried := q.attempt(e.ID, files)
	v.LastTry, v.NextTry = tried.Last, tried.Next
	switch {
	case e.State == local.StateAccepted:
		v.Waiting = "aceito pela central; a novidade está chegando"
	case q.status.Phase == sync.NeedLogin:
		v.Waiting = "aguarda novo acesso: informe a senha"
	case e.State == local.StateSending:
		v.Waiting = "a caminho da central"
	case len(wait.Needs) > 0:
		v.Waiting = "aguarda " + q.needed(wait.Needs[0])
	case len(wait.Files) > 0:
		v.Waiting = "aguarda o envio do arquivo " + namedFile(wait.Files[0]) + q.progress(e.ID)
	case q.status.Phase == sync.Offline:
		v.Waiting = "aguarda conexão com a central"
	case e.Why != "":
		v.Waiting = e.Why
	case tried.Problem != "":
		v.Waiting = tried.Problem
	default:
		v.Waiting = "será enviado em seguida"
	}
	if q.status.Phase == sync.NeedLogin {
		v.NextTry = time.Time{} // nothing is tried before the password is given
	}
}

// needed names the act that must be accepted first.
func (q *queueState) needed(id sei.CommandID) string {
	e, known := q.entries[id]
	document := "do documento"
	if e.DocumentLabel != "" {
		document += " " + e.DocumentLabel
	}
	switch {
	case !known:
		return "outra operação da fila"
	case e.Kind == sei.CmdStartProcess:
		return "a autuação do processo"
	case e.Kind == sei.CmdAddDocument:
		return "a inclusão " + document
	case e.Kind == sei.CmdRegisterExternal:
		return "o registro " + document
	case e.Kind == sei.CmdEditMinute:
		return "a gravação " + document
	case e.Kind == sei.CmdSignDocument:
		return "a assinatura " + document
	}
	return "a operação “" + e.Title + "”"
}

func namedFile(b sei.BlobRef) string {
	if b.Name != "" {
		return b.Name
	}
	return "do documento"
}

// progress is how much of the file that the entry needs has gone, where it is
// the one that is going now.
func (q *queueState) progress(id sei.CommandID) string {
	if q.status.CurrentItem != id || q.status.BytesTotal <= 0 {
		return ""
	}
	return fmt.Sprintf(" (%d %%)", min(100*q.status.BytesDone/q.status.BytesTotal, 99))
}
