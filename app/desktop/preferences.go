package desktop

import (
	"encoding/json"
	"fmt"
)

const prefWindow = "window"

// Preferences are what this workstation remembers.
func (s *Session) Preferences() (Preferences, error) {
	p := Preferences{Theme: "system", InboxView: "columns", TreeWidth: 320, OpenTabs: []string{}, Panes: []string{}}
	a, err := s.desk.current()
	if err != nil {
		return p, err
	}
	text, ok, err := a.store.Preference(s.desk.ctx(), prefWindow)
	if err != nil || !ok {
		return p, err
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		s.desk.log.Warn("reading the preferences", "error", err)
	}
	return p, nil
}

// SavePreferences stores them.
func (s *Session) SavePreferences(p Preferences) error {
	a, err := s.desk.current()
	if err != nil {
		return err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding the preferences: %w", err)
	}
	return a.store.SetPreference(s.desk.ctx(), prefWindow, string(data))
}
