package remote

import (
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/wire"
)

func TestAWindowsProxySettingIsRead(t *testing.T) {
	cases := []struct{ scheme, setting, want string }{
		{"https", "proxy.rs.gov.br:3128", "http://proxy.rs.gov.br:3128"},
		{"https", "http=a:1;https=b:2", "http://b:2"},
		{"https", "https=http://b:2", "http://b:2"},
		{"https", "ftp=a:1", ""},
		{"https", "", ""},
	}
	for _, c := range cases {
		u, err := proxyFor(c.scheme, c.setting)
		got := ""
		if u != nil {
			got = u.String()
		}
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.setting, got, err, c.want)
		}
	}
}

func TestHostsOfTheBypassListGoWithoutAProxy(t *testing.T) {
	const list = "*.rs.gov.br;10.*; intranet.example ;<local>"
	for _, host := range []string{"sei.rs.gov.br", "SEI.RS.GOV.BR", "10.1.2.3", "intranet.example", "servidor"} {
		if !bypassed(host, list) {
			t.Errorf("%s goes through the proxy", host)
		}
	}
	for _, host := range []string{"rs.gov.br.example", "www.example", "110.1.2.3"} {
		if bypassed(host, list) {
			t.Errorf("%s goes around the proxy", host)
		}
	}
	if bypassed("www.example", "") || bypassed("www.example", "<local>") {
		t.Error("an empty list lets hosts around the proxy")
	}
}

func TestAHintThatCannotBeReadStillSaysPull(t *testing.T) {
	heard := 0
	err := readHints(strings.NewReader("event: pull\r\ndata: {broken\r\n\r\nevent:pull\ndata:{\ndata:}\n\ndata: {}\n\n"), func(wire.Hint) { heard++ })
	if err != nil || heard != 2 {
		t.Errorf("%d hints, %v", heard, err)
	}
}

func TestAnEndlessLineOfHintsIsCutOff(t *testing.T) {
	if err := readHints(strings.NewReader("data: "+strings.Repeat("x", 2*maxHintLine)), func(wire.Hint) {}); err == nil {
		t.Error("it was read")
	}
	if err := readHints(strings.NewReader(strings.Repeat("data: "+strings.Repeat("x", 1000)+"\n", 100)), func(wire.Hint) {}); err == nil {
		t.Error("its parts were read")
	}
}

func FuzzHints(f *testing.F) {
	f.Add("event: pull\ndata: {\"buckets\":[\"unit/1\"]}\n\n")
	f.Add(": keep-alive\n\nretry: 1\n\n")
	f.Fuzz(func(t *testing.T, stream string) {
		hints := 0
		_ = readHints(strings.NewReader(stream), func(wire.Hint) { hints++ })
		if hints > strings.Count(stream, "pull") {
			t.Errorf("%d hints in %q", hints, stream)
		}
	})
}
