package pades

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/trust"
	"github.com/sei-rs/sei-rs-desktop/internal/trust/trainingca"
)

// otherNames builds a subjectAltName of otherNames whose values have the given
// string tags.
func otherNames(values map[int]asn1.RawValue) []byte {
	var all [][]byte
	for arc := 1; arc <= 9; arc++ {
		v, ok := values[arc]
		if !ok {
			continue
		}
		all = append(all, tlv(0xa0, derOID(oidOf(2, 16, 76, 1, 3, arc)), tlv(0xa0, tlv(byte(v.Tag), v.Bytes))))
	}
	return derSeq(all...)
}

const personColumns = "01031980" + "12345678909" + "00012345678" + "000001234567890" + "SSPRS"

func TestTheCPFIsReadFromWhereverTheProfilePutsIt(t *testing.T) {
	text := func(tag int, s string) asn1.RawValue { return asn1.RawValue{Tag: tag, Bytes: []byte(s)} }
	for name, c := range map[string]struct {
		subject pkix.Name
		san     map[int]asn1.RawValue
		want    Identity
	}{
		"person, octets":     {pkix.Name{CommonName: "ANA:12345678909"}, map[int]asn1.RawValue{1: text(4, personColumns)}, Identity{Name: "ANA", CPF: "12345678909", BirthDate: "01031980", NIS: "00012345678", RG: "000001234567890", RGIssuer: "SSPRS"}},
		"person, printable":  {pkix.Name{CommonName: "ANA"}, map[int]asn1.RawValue{1: text(19, personColumns)}, Identity{Name: "ANA", CPF: "12345678909", BirthDate: "01031980", NIS: "00012345678", RG: "000001234567890", RGIssuer: "SSPRS"}},
		"company":            {pkix.Name{CommonName: "EMPRESA LTDA:11222333000181"}, map[int]asn1.RawValue{2: text(4, "ANA DE SOUZA"), 3: text(4, "11222333000181"), 4: text(4, personColumns)}, Identity{Name: "ANA DE SOUZA", CPF: "12345678909", BirthDate: "01031980", NIS: "00012345678", RG: "000001234567890", RGIssuer: "SSPRS", CNPJ: "11222333000181", CompanyName: "EMPRESA LTDA"}},
		"serial number":      {pkix.Name{CommonName: "ANA", SerialNumber: "12345678909"}, nil, Identity{Name: "ANA", CPF: "12345678909"}},
		"common name":        {pkix.Name{CommonName: "ANA:12345678909"}, nil, Identity{Name: "ANA", CPF: "12345678909"}},
		"wrong check digits": {pkix.Name{CommonName: "ANA:12345678900", SerialNumber: "11111111111"}, nil, Identity{Name: "ANA"}},
		"short columns":      {pkix.Name{CommonName: "ANA"}, map[int]asn1.RawValue{1: text(4, "0103")}, Identity{Name: "ANA", BirthDate: "0103"}},
		"nothing":            {pkix.Name{CommonName: "Servidor: interno"}, nil, Identity{Name: "Servidor: interno"}},
	} {
		cert := &x509.Certificate{Subject: c.subject}
		if c.san != nil {
			cert.Extensions = []pkix.Extension{{Id: oidOf(2, 5, 29, 17), Value: otherNames(c.san)}}
		}
		c.want.MaskedCPF = protocol.MaskCPF(c.want.CPF)
		if got := ParseIdentity(cert); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestATrainingCertificateReadsAsAnICPBrasilOne(t *testing.T) {
	for _, bare := range []bool{false, true} {
		id, err := pki().ca.Issue(trainingca.Person{Name: "JOSÉ DA SILVA", CPF: "12345678909", BirthDate: time.Date(1980, 3, 1, 0, 0, 0, 0, time.UTC)}, trainingca.IssueOptions{Key: trainingca.ECDSAP256, WithoutOtherNames: bare})
		if err != nil {
			t.Fatal(err)
		}
		got := ParseIdentity(id.Certificate)
		if got.Name != "JOSÉ DA SILVA" || got.CPF != "12345678909" || got.MaskedCPF != "***.456.789-**" {
			t.Errorf("bare %v: %+v", bare, got)
		}
	}
}

// The table that signs and the files of the authority have to agree.
func TestThePolicyTableIsThatOfThePolicyFiles(t *testing.T) {
	files, err := trust.PolicyFiles()
	if err != nil {
		t.Fatal(err)
	}
	byOID := map[string]trust.PolicyFile{}
	for _, f := range files {
		byOID[f.OID] = f
	}
	if len(Policies()) < 18 {
		t.Errorf("%d policies", len(Policies()))
	}
	for _, p := range Policies() {
		f, ok := byOID[p.OID]
		if !ok || !bytes.Equal(f.Hash, p.Hash) || !f.NotBefore.Equal(p.NotBefore) || !f.NotAfter.Equal(p.NotAfter) || p.URI != "http://politicas.icpbrasil.gov.br/"+f.Name {
			t.Errorf("%s: table %+v, file %+v", p.Name, p, f)
		}
	}
	if p := DefaultPolicy(); p.Name != "AD-RB v1.3" || !p.InForce(testNow) || p.InForce(time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("default policy %+v", p)
	}
}

func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", rapid.IntRange(-11*4, 11*4).Draw(t, "quarter hours")*900)
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), 0).In(zone)
		got, ok := parseDate(formatDate(at))
		if !ok || !got.Equal(at) {
			t.Fatalf("%s read as %v", formatDate(at), got)
		}
	})
	for s, want := range map[string]string{"D:2026": "2026-01-01T00:00:00Z", "D:202606": "2026-06-01T00:00:00Z", "20260615143000Z": "2026-06-15T14:30:00Z", "D:20260615143000-03'00": "2026-06-15T14:30:00-03:00"} {
		if got, ok := parseDate(s); !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%s read as %v", s, got)
		}
	}
	for _, s := range []string{"", "D:", "D:20", "D:20269999", "ontem", "D:2026061514300+"} {
		if got, ok := parseDate(s); ok {
			t.Errorf("%q read as %v", s, got)
		}
	}
}
