package main

import "testing"

func TestOnlyAnAuthorityThatDesksCanAskIsAnnounced(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://act.exemplo.rs.gov.br/tsa": true, "http://act.exemplo.rs.gov.br": true,
		"": false, "act.exemplo.rs.gov.br": false, "ftp://act.exemplo.rs.gov.br": false, "https://senha@act.exemplo.rs.gov.br": false,
	} {
		if err := checkTSA(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
