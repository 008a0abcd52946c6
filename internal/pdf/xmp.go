package pdf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

const producer = "SEI RS Desktop"

// brasilia is the legal time of the state. It is fixed: summer time ended in
// 2019, before the first document of this system.
var brasilia = time.FixedZone("-03", -3*60*60)

// xmp writes the metadata packet of PDF/A-1 (ISO 19005-1, 6.7). Its values
// must say the same as the information dictionary.
func xmp(meta Metadata, date time.Time) []byte {
	at := date.In(brasilia).Format("2006-01-02T15:04:05-07:00")
	var b bytes.Buffer
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n")
	b.WriteString(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` + "\n")
	b.WriteString(`<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>` + "\n")
	b.WriteString(`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">`)
	b.WriteString(`<dc:format>application/pdf</dc:format><dc:language><rdf:Bag><rdf:li>pt-BR</rdf:li></rdf:Bag></dc:language>`)
	if meta.Title != "" {
		fmt.Fprintf(&b, `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>`, escapeXML(meta.Title))
	}
	if meta.Author != "" {
		fmt.Fprintf(&b, `<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>`, escapeXML(meta.Author))
	}
	if meta.Subject != "" {
		fmt.Fprintf(&b, `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:description>`, escapeXML(meta.Subject))
	}
	b.WriteString("</rdf:Description>\n")
	fmt.Fprintf(&b, `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate><xmp:CreatorTool>%s</xmp:CreatorTool></rdf:Description>`+"\n", at, at, producer)
	fmt.Fprintf(&b, `<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>%s</pdf:Producer></rdf:Description>`+"\n", producer)
	b.WriteString("</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>")
	return b.Bytes()
}

func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer does not fail
	return b.String()
}

// info writes the information dictionary with the same values.
func info(meta Metadata, date time.Time) []byte {
	var b bytes.Buffer
	at := date.In(brasilia).Format("D:20060102150405") + "-03'00'"
	b.WriteString("<<")
	for _, e := range []struct{ key, value string }{{"Title", meta.Title}, {"Author", meta.Author}, {"Subject", meta.Subject}, {"Creator", producer}, {"Producer", producer}} {
		if e.value != "" {
			fmt.Fprintf(&b, "/%s %s", e.key, pdfText(e.value))
		}
	}
	fmt.Fprintf(&b, "/CreationDate (%s)/ModDate (%s)>>", at, at)
	return b.Bytes()
}
