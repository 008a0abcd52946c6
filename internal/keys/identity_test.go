package keys

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"testing"
)

// otherNames encodes the subject's alternative names of a person, with the
// value as the given string type.
func otherNames(tag int, value string) []byte {
	inner, _ := asn1.Marshal(asn1.RawValue{Tag: tag, Bytes: []byte(value)})
	explicit, _ := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner})
	oid, _ := asn1.Marshal(asn1.ObjectIdentifier{2, 16, 76, 1, 3, 1})
	general, _ := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(oid, explicit...)})
	names, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: general})
	return names
}

func holder(san []byte) *x509.Certificate {
	return &x509.Certificate{
		Subject:    pkix.Name{CommonName: "MARIA"},
		Extensions: []pkix.Extension{{Id: oidSAN, Value: san}},
	}
}

const personData = "01011980" + "12345678909" + "00000000000" + "000000000000000" + "SSP RS"

func TestTheHoldersDataIsReadWhateverTheStringType(t *testing.T) {
	for _, tag := range []int{asn1.TagOctetString, asn1.TagPrintableString, asn1.TagUTF8String, asn1.TagIA5String} {
		if who := identify(holder(otherNames(tag, personData))); who.cpf != "12345678909" || !who.icpBrasil {
			t.Errorf("tag %d: %+v", tag, who)
		}
	}
}

func TestACPFOfZerosIsNotTold(t *testing.T) {
	zeros := strings.Replace(personData, "12345678909", "00000000000", 1)
	if who := identify(holder(otherNames(asn1.TagOctetString, zeros))); who.cpf != "" {
		t.Errorf("%+v", who)
	}
}

func FuzzReadingTheHoldersDataNeverPanics(f *testing.F) {
	f.Add(otherNames(asn1.TagOctetString, personData), "MARIA:12345678909")
	f.Add(otherNames(asn1.TagUTF8String, "x"), "EMPRESA:12ABC34501DE35")
	f.Add([]byte{0x30, 0x80}, ":")
	f.Fuzz(func(t *testing.T, san []byte, name string) {
		cert := holder(san)
		cert.Subject.CommonName = name
		who := identify(cert)
		if (who.cpf != "" && (len(who.cpf) != 11 || !allDigits(who.cpf))) || (who.cnpj != "" && len(who.cnpj) != 14) {
			t.Errorf("%+v", who)
		}
	})
}
