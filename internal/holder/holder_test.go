package holder

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
)

// field is the value of one otherName.
type field struct {
	tag   int
	value string
}

// altName encodes ICP-Brasil's fields, by their last arc.
func altName(t testing.TB, fields map[int]field) []byte {
	t.Helper()
	encode := func(v any) []byte {
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	within := func(der ...[]byte) []byte {
		var all []byte
		for _, d := range der {
			all = append(all, d...)
		}
		return encode(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: all})
	}
	var names []byte
	for arc := 1; arc <= 9; arc++ {
		f, given := fields[arc]
		if !given {
			continue
		}
		oid := encode(append(append(asn1.ObjectIdentifier{}, oidFields...), arc))
		names = append(names, within(oid, within(encode(asn1.RawValue{Tag: f.tag, Bytes: []byte(f.value)})))...)
	}
	return encode(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: names})
}

func certificate(subject pkix.Name, san []byte) *x509.Certificate {
	cert := &x509.Certificate{Subject: subject}
	if san != nil {
		cert.Extensions = []pkix.Extension{{Id: oidSubjectAltName, Value: san}}
	}
	return cert
}

const personData = "01031980" + "12345678909" + "00012345678" + "000001234567890" + "SSPRS"

func TestTheHoldersDataIsReadWhateverTheStringType(t *testing.T) {
	for _, tag := range []int{asn1.TagOctetString, asn1.TagPrintableString, asn1.TagUTF8String, asn1.TagIA5String} {
		who := Of(certificate(pkix.Name{CommonName: "MARIA"}, altName(t, map[int]field{arcPersonData: {tag, personData}})))
		if who.CPF != "12345678909" || who.RGIssuer != "SSPRS" || !who.ICPBrasil {
			t.Errorf("tag %d: %+v", tag, who)
		}
	}
}

func TestTextsAreReadInTheEncodingsThatAuthoritiesUse(t *testing.T) {
	for name, f := range map[string]field{
		"UTF-8":                {asn1.TagUTF8String, "JOSÉ"},
		"Latin-1 in octets":    {asn1.TagOctetString, "JOS\xc9"},
		"BMPString":            {asn1.TagBMPString, "\x00J\x00O\x00S\x00\xc9"},
		"control characters":   {asn1.TagOctetString, "JO\x00S\x1bÉ "},
		"spaces to the column": {asn1.TagOctetString, "JOSÉ      "},
	} {
		if who := Of(certificate(pkix.Name{CommonName: "X"}, altName(t, map[int]field{arcResponsible: f}))); who.Responsible != "JOSÉ" {
			t.Errorf("%s: %q", name, who.Responsible)
		}
	}
}

func TestTheCPFIsReadFromWhereverTheProfilePutsIt(t *testing.T) {
	octets := func(s string) field { return field{asn1.TagOctetString, s} }
	full := Identity{Name: "ANA", CPF: "12345678909", BirthDate: "01031980", NIS: "00012345678", RG: "000001234567890", RGIssuer: "SSPRS", ICPBrasil: true}
	company := full
	company.Name, company.Responsible, company.CNPJ = "EMPRESA LTDA", "ANA DE SOUZA", "11222333000181"
	for name, c := range map[string]struct {
		subject pkix.Name
		fields  map[int]field
		want    Identity
	}{
		"person":               {pkix.Name{CommonName: "ANA:12345678909"}, map[int]field{1: octets(personData)}, full},
		"person, name alone":   {pkix.Name{CommonName: "ANA"}, map[int]field{1: {asn1.TagPrintableString, personData}}, full},
		"company":              {pkix.Name{CommonName: "EMPRESA LTDA:11222333000181"}, map[int]field{2: octets("ANA DE SOUZA"), 3: octets("11222333000181"), 4: octets(personData)}, company},
		"serial number":        {pkix.Name{CommonName: "ANA", SerialNumber: "987.654.321-00"}, nil, Identity{Name: "ANA", CPF: "98765432100"}},
		"common name":          {pkix.Name{CommonName: "ANA:12345678909"}, nil, Identity{Name: "ANA", CPF: "12345678909"}},
		"letters in a CNPJ":    {pkix.Name{CommonName: "EMPRESA:12ABC34501DE35"}, nil, Identity{Name: "EMPRESA", CNPJ: "12ABC34501DE35"}},
		"field over subject":   {pkix.Name{CommonName: "ANA:52998224725", SerialNumber: "98765432100"}, map[int]field{1: octets(personData)}, full},
		"serial over name":     {pkix.Name{CommonName: "ANA:52998224725", SerialNumber: "98765432100"}, nil, Identity{Name: "ANA", CPF: "98765432100"}},
		"person over officer":  {pkix.Name{CommonName: "ANA"}, map[int]field{1: octets(personData), 4: octets(strings.Replace(personData, "12345678909", "52998224725", 1))}, full},
		"wrong check digits":   {pkix.Name{CommonName: "ANA:12345678900", SerialNumber: "11111111111"}, nil, Identity{Name: "ANA"}},
		"short columns":        {pkix.Name{CommonName: "ANA"}, map[int]field{1: octets("0103")}, Identity{Name: "ANA", BirthDate: "0103", ICPBrasil: true}},
		"no number":            {pkix.Name{CommonName: "Servidor: interno"}, nil, Identity{Name: "Servidor: interno"}},
		"no common name":       {pkix.Name{Organization: []string{"SPGG"}}, nil, Identity{Name: "O=SPGG"}},
		"a company of its own": {pkix.Name{CommonName: "X"}, map[int]field{8: octets("EMPRESA LTDA")}, Identity{Name: "X", Company: "EMPRESA LTDA", ICPBrasil: true}},
	} {
		var san []byte
		if c.fields != nil {
			san = altName(t, c.fields)
		}
		if got := Of(certificate(c.subject, san)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestACPFOfZerosIsNotTold(t *testing.T) {
	zeros := "01011980" + "00000000000" + "00000000000" + "000000000000000" + "SSP RS"
	who := Of(certificate(pkix.Name{CommonName: "MARIA"}, altName(t, map[int]field{1: {asn1.TagOctetString, zeros}})))
	if who.CPF != "" || who.NIS != "" || who.RG != "" || who.RGIssuer != "SSP RS" {
		t.Errorf("%+v", who)
	}
}

func FuzzReadingTheHoldersDataNeverPanics(f *testing.F) {
	f.Add(altName(f, map[int]field{1: {asn1.TagOctetString, personData}}), "MARIA:12345678909", "")
	f.Add(altName(f, map[int]field{3: {asn1.TagUTF8String, "x"}}), "EMPRESA:12ABC34501DE35", "98765432100")
	f.Add([]byte{0x30, 0x80}, ":", "")
	f.Fuzz(func(t *testing.T, san []byte, name, serial string) {
		who := Of(certificate(pkix.Name{CommonName: name, SerialNumber: serial}, san))
		if (who.CPF != "" && !protocol.ValidCPF(who.CPF)) || (who.CNPJ != "" && !protocol.ValidCNPJ(who.CNPJ)) {
			t.Errorf("%+v", who)
		}
	})
}

func FuzzCertificate(f *testing.F) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	template := certificate(pkix.Name{CommonName: "MARIA:12345678909"}, nil)
	template.SerialNumber = big.NewInt(1)
	template.ExtraExtensions = []pkix.Extension{{Id: oidSubjectAltName, Value: altName(f, map[int]field{1: {asn1.TagOctetString, personData}})}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		if who := Of(cert); who.CPF != "" && len(protocol.MaskCPF(who.CPF)) != len("***.456.789-**") {
			t.Fatalf("%+v", who)
		}
	})
}
