package main

import (
	"slices"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/app/desktop"
	"github.com/sei-rs/sei-rs-desktop/internal/central"
)

// stepLogin: log in, look at both columns, change unit and back, close, open
// again without network.
func (d *demo) stepLogin() {
	s := d.ana
	v := d.login(s, demoChief)
	claim(v.Phase == "ready" && v.User.Login == demoChief.login, "after the login the window shows %q", v.Phase)
	claim(v.Central.Training, "a demonstration does not say that it is a training environment")
	s.awaitIdle()
	page := s.inbox("received")
	claim(page.Total > 0, "the list of received processes is empty")
	claim(slices.ContainsFunc(page.Lines, func(l desktop.InboxLineView) bool { return !l.Received }), "no process stands as not yet received")
	generated := s.inbox("generated")
	d.held("%s entrou; Recebidos: %d, Gerados: %d", v.User.Name, page.Total, generated.Total)
	d.switchUnits(v)
	d.login(d.health, demoAssessor)
	d.health.awaitIdle()
	s.close()
	must(d.central.kill(), "killing the central")
	s.start()
	d.unlock(s, demoChief)
	again := s.inbox("received")
	claim(again.Total == page.Total, "without network the list has %d processes, with it %d", again.Total, page.Total)
	d.held("central derrubada (SIGKILL): estação reaberta com a senha, as mesmas %d linhas", again.Total)
	d.startCentral()
	s.await("the central is reached again", "status", func() bool { return s.status().Phase == "connected" })
	d.held("central de volta: a estação reconectou sozinha")
}

func (d *demo) switchUnits(v desktop.SessionView) {
	other := slices.IndexFunc(v.Units, func(u desktop.UnitView) bool { return u.ID != v.Unit })
	claim(other >= 0, "%s has no second unit", v.User.Name)
	var now desktop.SessionView
	d.ana.must(d.ana.call("Session/SwitchUnit", &now, v.Units[other].ID))
	claim(now.Unit == v.Units[other].ID, "the unit did not change")
	elsewhere := d.ana.inbox("received").Total
	d.ana.must(d.ana.call("Session/SwitchUnit", &now, v.Unit))
	claim(now.Unit == v.Unit, "the unit did not change back")
	d.held("unidade trocada para %s (%d recebidos) e de volta", v.Units[other].Acronym, elsewhere)
}

// unlock opens a known account without network; a wrong password does not.
func (d *demo) unlock(s *station, a demoAccount) {
	var v desktop.SessionView
	err := s.call("Session/Unlock", &v, a.agency, a.login, "senha errada")
	claim(err != nil, "a wrong password opened the account")
	s.must(s.call("Session/Unlock", &v, a.agency, a.login, central.DemoPassword))
	claim(v.Phase == "ready", "after unlocking the window shows %q", v.Phase)
}

func (s *station) inbox(column string) desktop.InboxPage {
	var page desktop.InboxPage
	s.must(s.call("Inbox/List", &page, desktop.InboxQuery{Column: column, Limit: 100}))
	return page
}

// line finds a process in the list.
func (s *station) line(column, process string) (desktop.InboxLineView, bool) {
	for _, l := range s.inbox(column).Lines {
		if l.ID == process {
			return l, true
		}
	}
	return desktop.InboxLineView{}, false
}

func (s *station) status() desktop.StatusView {
	var v desktop.StatusView
	s.must(s.call("Session/Status", &v))
	return v
}

func (s *station) awaitIdle() {
	s.await("everything is synchronised", "status", func() bool { return s.status().Phase == "connected" })
}

// open opens a process as a click on it does.
func (s *station) open(process string) desktop.ProcessView {
	var v desktop.ProcessView
	s.must(s.call("Processes/Open", &v, process))
	return v
}

func (s *station) look(process string) desktop.ProcessView {
	var v desktop.ProcessView
	s.must(s.call("Processes/Get", &v, process))
	return v
}

func documentOf(v desktop.ProcessView, id string) desktop.DocumentView {
	for _, d := range v.Documents {
		if d.ID == id {
			return d
		}
	}
	claim(false, "process %s has no document %s", v.Number, id)
	return desktop.DocumentView{}
}

func (s *station) queue() []desktop.QueueView {
	var list []desktop.QueueView
	s.must(s.call("Outbox/List", &list))
	return list
}

func (s *station) refused() []desktop.QueueView {
	var list []desktop.QueueView
	s.must(s.call("Outbox/Refused", &list))
	return list
}

// act calls a method that queues something and insists on the words.
func (s *station) act(method string, args ...any) desktop.Queued {
	var q desktop.Queued
	s.must(s.call(method, &q, args...))
	// With the central away it waits; with a connection it is on its way.
	claim(strings.HasPrefix(q.Message, "Aguardando envio") || strings.HasPrefix(q.Message, "Na fila"), "%s says %q", method, q.Message)
	return q
}
