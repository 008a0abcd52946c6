package desktop

import (
	"fmt"

	"github.com/sei-rs/sei-rs-desktop/internal/sync"
	"github.com/sei-rs/sei-rs-desktop/internal/sync/remote"
)

// online says whether the central answered lately.
func online(p sync.Phase) bool { return p == sync.Idle || p == sync.Syncing || p == sync.Trouble }

// Status is the status bar.
func (s *Session) Status() (StatusView, error) {
	a, err := s.desk.current()
	if err != nil {
		return StatusView{Phase: "closed", Text: "Nenhum usuário conectado."}, nil
	}
	ctx := s.desk.ctx()
	counts, err := a.store.OutboxCounts(ctx)
	if err != nil {
		return StatusView{}, fmt.Errorf("counting the queue: %w", err)
	}
	e, _ := a.engine.Status()
	v := StatusView{
		Phase: phaseName(e.Phase), Text: phaseText(e), Since: e.Since, LastSync: e.LastSync,
		Queued: counts.Queued, Sending: counts.Sending, Refused: counts.Refused, Intake: a.intake.waiting(),
		Token: s.desk.certs.tokenLabel(), Done: e.BytesDone, Total: e.BytesTotal,
		PullLeft: e.PullLeft, PullTotal: e.PullTotal, PullPaused: e.PullPaused,
	}
	return v, nil
}

// PausePull puts off the processes that are still to come, or goes on with them.
// What is already here is read meanwhile, and a process that is opened comes all
// the same.
func (s *Session) PausePull(paused bool) error {
	a, err := s.desk.current()
	if err != nil {
		return err
	}
	a.engine.PausePull(paused)
	return nil
}

func phaseName(p sync.Phase) string {
	switch p {
	case sync.Idle:
		return "connected"
	case sync.Connecting, sync.Syncing, sync.Offline, sync.NeedLogin:
		return string(p)
	}
	return "problem"
}

func phaseText(s sync.Status) string {
	switch s.Phase {
	case sync.Idle:
		return "Conectado à central"
	case sync.Syncing:
		return "Sincronizando com a central"
	case sync.Connecting:
		return "Conectando à central"
	case sync.Offline:
		// A central that answers and cannot serve now says why.
		if s.Problem != "" && s.Problem != remote.NoConnection {
			return s.Problem
		}
		return "Sem conexão: o trabalho continua neste computador"
	case sync.NeedLogin:
		return "A sessão terminou: informe a senha para voltar a enviar"
	}
	return s.Problem
}
