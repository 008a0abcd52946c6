package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// conform rewrites a file that gofpdf has just written into one that PDF/A-1b
// (ISO 19005-1) takes. gofpdf leaves out the file identifier, the output
// intent and the metadata; always writes an EmbeddedFiles tree and
// transparency groups; names font subsets without their tag and without
// CIDSet; and gives links no print flag. The rest of what the norm asks for
// holds by construction: fonts are embedded, colours are DeviceRGB or grey,
// pictures are laid on white, nothing is encrypted.
//
// It knows only gofpdf's own output and refuses anything that looks
// otherwise, so that a change of the library is noticed.
func conform(raw []byte, meta Metadata, date time.Time, tree *structure) ([]byte, error) {
	objects, err := objectsOf(raw)
	if err != nil {
		return nil, fmt.Errorf("finishing the PDF: %w", err)
	}
	root := len(objects)
	if err := mend(objects); err != nil {
		return nil, fmt.Errorf("finishing the PDF: %w", err)
	}
	// gofpdf writes the information dictionary and the catalogue last.
	objects[root-2] = info(meta, date)
	profile := len(objects) + 1
	objects = append(objects,
		streamObject("/N 3/Alternate /DeviceRGB", deflate(srgbProfile()), true),
		streamObject("/Type /Metadata/Subtype /XML", xmp(meta, date), false))
	tagged, err := tree.write(&objects, pagesOf(objects))
	if err != nil {
		return nil, fmt.Errorf("finishing the PDF: %w", err)
	}
	objects[root-1] = fmt.Appendf(nil, "<</Type /Catalog/Pages 1 0 R/Lang (pt-BR)/ViewerPreferences <</DisplayDocTitle true>>"+tagged+
		"/Metadata %d 0 R/OutputIntents [<</Type /OutputIntent/S /GTS_PDFA1/OutputConditionIdentifier (sRGB IEC61966-2.1)"+
		"/Info (sRGB IEC61966-2.1)/RegistryName (http://www.color.org)/DestOutputProfile %d 0 R>>]>>", profile+1, profile)
	return assemble(objects, root), nil
}

var errForeign = errors.New("the file is not as the PDF library writes it")

// objectsOf cuts the file into its objects' bodies, by its cross-reference
// table. Object n is at n-1.
func objectsOf(raw []byte) ([][]byte, error) {
	at := bytes.LastIndex(raw, []byte("\nstartxref\n"))
	if at < 0 {
		return nil, errForeign
	}
	var xref int
	if _, err := fmt.Sscanf(string(raw[at+11:]), "%d", &xref); err != nil || xref <= 0 || xref >= len(raw) {
		return nil, errForeign
	}
	lines := bytes.Split(raw[xref:at], []byte("\n"))
	if len(lines) < 4 || string(lines[0]) != "xref" {
		return nil, errForeign
	}
	var offsets []int
	for _, l := range lines[3:] {
		if !bytes.HasSuffix(l, []byte(" 00000 n ")) {
			break
		}
		off, err := strconv.Atoi(string(l[:10]))
		if err != nil || off >= xref {
			return nil, errForeign
		}
		offsets = append(offsets, off)
	}
	sorted := append(slices.Sorted(slices.Values(offsets)), xref)
	objects := make([][]byte, len(offsets))
	for i, off := range offsets {
		next, _ := slices.BinarySearch(sorted, off)
		body, ok := bytes.CutPrefix(raw[off:sorted[next+1]], fmt.Appendf(nil, "%d 0 obj\n", i+1))
		if !ok {
			return nil, errForeign
		}
		if body, ok = bytes.CutSuffix(body, []byte("\nendobj\n")); !ok {
			return nil, errForeign
		}
		objects[i] = body
	}
	if len(objects) < 4 || !bytes.Contains(objects[len(objects)-1], []byte("/Type /Catalog")) {
		return nil, errForeign
	}
	return objects, nil
}

// pagesOf lists the numbers of the page objects, in the order of the pages.
func pagesOf(objects [][]byte) []int {
	var out []int
	for i, o := range objects {
		if bytes.HasPrefix(o, []byte("<</Type /Page\n")) {
			out = append(out, i+1)
		}
	}
	return out
}

const transparencyGroup = "/Group <</Type /Group /S /Transparency /CS /DeviceRGB>>\n"

// mend changes the objects in place, and appends none.
func mend(objects [][]byte) error {
	for i, o := range objects {
		switch {
		case bytes.HasPrefix(o, []byte("<</Type /Page\n")):
			o = bytes.Replace(o, []byte(transparencyGroup), nil, 1)
			objects[i] = bytes.ReplaceAll(o, []byte("/Type /Annot /Subtype /Link "), []byte("/Type /Annot /Subtype /Link /F 4 "))
		case bytes.HasPrefix(o, []byte("<</Type /Font\n/Subtype /Type0")):
			if err := mendFont(objects, i); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	baseFont  = regexp.MustCompile(`/BaseFont /utf8(\S+)`)
	reference = func(key string) *regexp.Regexp { return regexp.MustCompile(`/` + key + ` \[?(\d+) 0 R`) }
	toUnicode = reference("ToUnicode")
	cidInfo   = reference("CIDSystemInfo")
	gidMap    = reference("CIDToGIDMap")
	described = reference("FontDescriptor")
	lineBreak = regexp.MustCompile(`\s*\n\s*`)
)

// mendFont puts right the dictionaries of one composite font: the seven
// objects that gofpdf writes in a row from its Type0 dictionary on.
func mendFont(objects [][]byte, at int) error {
	if at+6 >= len(objects) {
		return errForeign
	}
	name := baseFont.FindSubmatch(objects[at])
	cidMap, err := inflateObject(objects[at+5])
	if err != nil || name == nil || !toUnicode.Match(objects[at]) || !cidInfo.Match(objects[at+1]) || !gidMap.Match(objects[at+1]) || !described.Match(objects[at+1]) {
		return errForeign
	}
	f := faceOf(string(name[1]))
	if f == nil {
		return errForeign
	}
	old, subset := []byte("/utf8"+string(name[1])), []byte("/"+subsetTag(cidMap)+"+"+f.name)
	for _, i := range []int{at, at + 1, at + 4} {
		objects[i] = bytes.ReplaceAll(objects[i], old, subset)
	}
	// The object of the character collection's name becomes the CIDSet; the
	// name itself goes inline.
	objects[at+1] = cidInfo.ReplaceAll(objects[at+1], []byte("/CIDSystemInfo <</Registry (Adobe)/Ordering (Identity)/Supplement 0>>"))
	objects[at+1] = bytes.Replace(objects[at+1], []byte("/Supplement 0>> 0 R"), []byte("/Supplement 0>>"), 1)
	objects[at+2] = streamObject("", deflate(unicodeMap()), true)
	objects[at+3] = streamObject("", deflate(cidSet(cidMap)), true)
	descriptor := bytes.TrimSuffix(bytes.TrimSpace(objects[at+4]), []byte(">>"))
	objects[at+4] = fmt.Appendf(lineBreak.ReplaceAll(descriptor, []byte(" ")), " /CIDSet %d 0 R>>", at+4)
	return nil
}

func faceOf(key string) *face {
	for _, f := range allFaces {
		if f.family+f.style == key {
			return f
		}
	}
	return nil
}

// subsetTag is the six letters before a subset's name (ISO 32000-1, 9.6.4),
// taken from which characters it holds.
func subsetTag(cidMap []byte) string {
	sum := sha256.Sum256(cidMap)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

// cidSet has a bit for each character that the subset holds, and for 0.
func cidSet(cidMap []byte) []byte {
	set := make([]byte, len(cidMap)/16)
	set[0] = 0x80
	for cid := range len(cidMap) / 2 {
		if cidMap[2*cid] != 0 || cidMap[2*cid+1] != 0 {
			set[cid/8] |= 0x80 >> (cid % 8)
		}
	}
	return bytes.TrimRight(set, "\x00")
}

// unicodeMap says that codes are Unicode, in ranges that do not cross a first
// byte, as the norm of the CMap asks; gofpdf's single range does.
func unicodeMap() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe)/Ordering (UCS)/Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for i := 0; i < 256; i += 64 {
		b.WriteString("64 beginbfrange\n")
		for j := i; j < i+64; j++ {
			fmt.Fprintf(&b, "<%02X00> <%02XFF> <%02X00>\n", j, j, j)
		}
		b.WriteString("endbfrange\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return b.Bytes()
}

func streamObject(entries string, data []byte, deflated bool) []byte {
	if deflated {
		entries += "/Filter /FlateDecode"
	}
	b := fmt.Appendf(nil, "<<%s/Length %d>>\nstream\n", entries, len(data))
	return append(append(b, data...), "\nendstream"...)
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return b.Bytes()
}

func inflateObject(o []byte) ([]byte, error) {
	from := bytes.Index(o, []byte("stream\n"))
	if from < 0 {
		return nil, errForeign
	}
	r, err := zlib.NewReader(bytes.NewReader(o[from+7:]))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, 1<<20))
}

// pdfText writes a text string as UTF-16 in hexadecimal, which no byte of the
// text can break.
func pdfText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

// assemble writes the file anew. The identifier is the hash of all that
// stands before it: the same input has the same, another has another.
func assemble(objects [][]byte, root int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xE2\xE3\xCF\xD3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	id := sha256.Sum256(b.Bytes())
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, root, root-1, id[:16], id[:16], xref)
	return b.Bytes()
}
