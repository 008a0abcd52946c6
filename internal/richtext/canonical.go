package richtext

import (
	"strconv"
	"unicode/utf8"
)

// Canonical returns the one JSON form of the document: fixed order of keys,
// every attribute written out, no spaces. It is written by hand rather than
// by encoding/json because its hash identifies revisions for ever and must not
// depend on a library's choices. The document is taken to be valid.
func (d *Doc) Canonical() []byte {
	b := make([]byte, 0, 4096)
	b = append(b, `{"type":"doc","attrs":{"schema":`...)
	b = strconv.AppendInt(b, int64(d.Version()), 10)
	b = append(b, `},"content":`...)
	b = appendNodes(b, d.Content)
	return append(b, '}')
}

func appendNodes(b []byte, nodes []*Node) []byte {
	b = append(b, '[')
	for i, n := range nodes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNode(b, n)
	}
	return append(b, ']')
}

func appendNode(b []byte, n *Node) []byte {
	b = append(b, `{"type":`...)
	b = appendString(b, string(n.Type))
	b = appendAttrs(b, n)
	if len(n.Content) > 0 {
		b = append(b, `,"content":`...)
		b = appendNodes(b, n.Content)
	}
	if len(n.Marks) > 0 {
		b = append(b, `,"marks":[`...)
		for i, m := range n.Marks {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendMark(b, m)
		}
		b = append(b, ']')
	}
	if n.Type == Text {
		b = append(b, `,"text":`...)
		b = appendString(b, n.Text)
	}
	return append(b, '}')
}

func appendAttrs(b []byte, n *Node) []byte {
	switch n.Type {
	case Paragraph:
		b = appendID(append(b, `,"attrs":{`...), n)
		b = append(b, `"style":`...)
		b = appendString(b, string(n.Style))
		b = append(b, `,"textAlign":`...)
		b = appendStringOrNull(b, string(n.Align))
	case Heading:
		b = appendID(append(b, `,"attrs":{`...), n)
		b = append(b, `"level":`...)
		b = strconv.AppendInt(b, int64(n.Level), 10)
		b = append(b, `,"textAlign":`...)
		b = appendStringOrNull(b, string(n.Align))
	case OrderedList:
		b = append(b, `,"attrs":{"start":`...)
		b = strconv.AppendInt(b, int64(n.Start), 10)
		b = append(b, `,"type":`...)
		b = appendString(b, n.Numbering)
	case TableCell, TableHeader:
		b = append(b, `,"attrs":{"colspan":`...)
		b = strconv.AppendInt(b, int64(n.ColSpan), 10)
		b = append(b, `,"colwidth":`...)
		b = appendWidths(b, n.ColWidth)
		b = append(b, `,"rowspan":`...)
		b = strconv.AppendInt(b, int64(n.RowSpan), 10)
	case Image:
		b = append(b, `,"attrs":{"alt":`...)
		b = appendString(b, n.Alt)
		b = append(b, `,"sha256":`...)
		b = appendString(b, n.Blob)
		b = append(b, `,"textAlign":`...)
		b = appendStringOrNull(b, string(n.Align))
		b = append(b, `,"width":`...)
		b = appendStringOrNull(b, n.Width)
	case Field:
		b = append(b, `,"attrs":{"name":`...)
		b = appendString(b, n.Name)
	case CrossReference:
		b = append(b, `,"attrs":{"form":`...)
		b = appendString(b, n.Form)
		b = append(b, `,"target":`...)
		b = appendString(b, n.Target)
	case ProtocolLink:
		b = append(b, `,"attrs":{"form":`...)
		b = appendString(b, n.Form)
		b = append(b, `,"label":`...)
		b = appendString(b, n.Label)
		b = append(b, `,"target":`...)
		b = appendString(b, n.Target)
	case Amount:
		b = append(b, `,"attrs":{"cents":`...)
		b = strconv.AppendInt(b, n.Cents, 10)
		b = append(b, `,"words":`...)
		b = strconv.AppendBool(b, n.Words)
	case Section:
		b = append(b, `,"attrs":{"locked":`...)
		b = strconv.AppendBool(b, n.Locked)
		b = append(b, `,"name":`...)
		b = appendString(b, n.Name)
	default:
		return b
	}
	return append(b, '}')
}

// appendID writes the id of a place that a cross-reference names. Most places
// have none, and version 1 knew none, so an empty one is not written.
func appendID(b []byte, n *Node) []byte {
	if n.ID == "" {
		return b
	}
	b = append(b, `"id":`...)
	b = appendString(b, n.ID)
	return append(b, ',')
}

func appendWidths(b []byte, widths []int) []byte {
	if widths == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, w := range widths {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(w), 10)
	}
	return append(b, ']')
}

func appendMark(b []byte, m Mark) []byte {
	b = append(b, `{"type":`...)
	b = appendString(b, string(m.Type))
	if m.Type == Link {
		b = append(b, `,"attrs":{"href":`...)
		b = appendString(b, m.Href)
		b = append(b, '}')
	}
	return append(b, '}')
}

func appendStringOrNull(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return appendString(b, s)
}

// appendString writes a JSON string with the fewest escapes of RFC 8259.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
