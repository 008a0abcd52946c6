package pades

import (
	"math"
	"strconv"
)

// parser reads objects at a cursor within the limits of one indirect object.
type parser struct {
	c        *cursor
	elements int
	bytes    int
	// inFile is false inside object streams, where offsets mean nothing.
	inFile bool
}

func newParser(c *cursor, inFile bool) *parser { return &parser{c: c, inFile: inFile} }

func (p *parser) charge(bytes int) error {
	p.bytes += bytes
	if p.bytes > maxObjectBytes {
		return tooComplex("objeto grande demais")
	}
	return nil
}

// object reads one object; references are recognised.
func (p *parser) object(depth int) (object, error) {
	if depth > maxDepth {
		return nil, tooComplex("aninhamento profundo demais")
	}
	if p.elements++; p.elements > maxElements {
		return nil, tooComplex("objeto com elementos demais")
	}
	p.c.skipSpace()
	switch b := p.c.peek(); {
	case b == '/':
		return p.name()
	case b == '(':
		return p.literal()
	case b == '<':
		return p.angle(depth)
	case b == '[':
		return p.array(depth)
	case b >= '0' && b <= '9', b == '+', b == '-', b == '.':
		return p.numberOrRef()
	case p.c.take("true"):
		return true, nil
	case p.c.take("false"):
		return false, nil
	case p.c.take("null"):
		return nil, nil
	}
	if p.c.err != nil {
		return nil, p.c.err
	}
	return nil, damaged("objeto ilegível na posição %d", p.c.pos)
}

func (p *parser) name() (object, error) {
	p.c.pos++
	var out []byte
	for isRegular(p.c.peek()) {
		b := byte(p.c.next())
		if b == '#' {
			hi, lo := unhex(p.c.next()), unhex(p.c.next())
			if hi < 0 || lo < 0 {
				return nil, damaged("nome ilegível")
			}
			b = byte(hi<<4 | lo)
		}
		if out = append(out, b); len(out) > maxNameBytes {
			return nil, tooComplex("nome longo demais")
		}
	}
	return pdfName(out), p.charge(len(out))
}

func unhex(b int) int {
	switch {
	case b >= '0' && b <= '9':
		return b - '0'
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10
	}
	return -1
}

func (p *parser) word() string {
	var out []byte
	for isRegular(p.c.peek()) && len(out) < 64 {
		out = append(out, byte(p.c.next()))
	}
	return string(out)
}

func (p *parser) numberOrRef() (object, error) {
	text := p.word()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		if f, ferr := strconv.ParseFloat(text, 64); ferr != nil || math.IsInf(f, 0) || math.IsNaN(f) || !plainReal(text) {
			return nil, damaged("número ilegível na posição %d", p.c.pos)
		}
		return pdfReal(text), nil
	}
	if n < 0 || n > math.MaxUint32 || text[0] == '+' {
		return n, nil
	}
	save := p.c.pos
	p.c.skipSpace()
	if b := p.c.peek(); b >= '0' && b <= '9' {
		gen, err := strconv.ParseUint(p.word(), 10, 16)
		p.c.skipSpace()
		if err == nil && p.c.take("R") {
			return pdfRef{uint32(n), uint16(gen)}, nil
		}
	}
	p.c.pos = save
	return n, nil
}

// plainReal refuses what Go reads as a number and PDF does not (1e5, 0x1p2, Inf).
func plainReal(s string) bool {
	for i := 0; i < len(s); i++ {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' && (i > 0 || s[i] != '-' && s[i] != '+') {
			return false
		}
	}
	return true
}

func (p *parser) array(depth int) (object, error) {
	p.c.pos++
	out := pdfArray{}
	for {
		p.c.skipSpace()
		if p.c.peek() == ']' {
			p.c.pos++
			return out, nil
		}
		o, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
}

func (p *parser) angle(depth int) (object, error) {
	start := p.c.pos
	p.c.pos++
	if p.c.peek() == '<' {
		p.c.pos++
		return p.dict(depth)
	}
	return p.hexString(start)
}

// dict reads up to ">>". A repeated key is refused: readers disagree on which
// one counts, and forgers live off that.
func (p *parser) dict(depth int) (object, error) {
	d := &pdfDict{}
	seen := map[pdfName]bool{}
	for {
		p.c.skipSpace()
		switch p.c.peek() {
		case '>':
			p.c.pos++
			if p.c.next() != '>' {
				return nil, damaged("dicionário mal fechado na posição %d", p.c.pos)
			}
			return d, nil
		case '/':
		default:
			return nil, damaged("dicionário ilegível na posição %d", p.c.pos)
		}
		k, err := p.name()
		if err != nil {
			return nil, err
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		key := k.(pdfName)
		if seen[key] {
			return nil, damaged("chave /%s repetida", string(key))
		}
		seen[key] = true
		d.entries = append(d.entries, dictEntry{key, v})
	}
}

func (p *parser) position(pos int64) int64 {
	if p.inFile {
		return pos
	}
	return -1
}

func (p *parser) hexString(start int64) (object, error) {
	var out []byte
	half := -1
	for {
		b := p.c.next()
		if b == '>' {
			break
		}
		if isSpace(b) {
			continue
		}
		v := unhex(b)
		if v < 0 {
			return nil, damaged("texto hexadecimal ilegível na posição %d", p.c.pos)
		}
		if half < 0 {
			half = v
			continue
		}
		if out = append(out, byte(half<<4|v)); len(out) > maxStringBytes {
			return nil, tooComplex("texto longo demais")
		}
		half = -1
	}
	if half >= 0 {
		out = append(out, byte(half<<4))
	}
	return pdfString{out, true, p.position(start), p.position(p.c.pos)}, p.charge(len(out))
}

func (p *parser) literal() (object, error) {
	start := p.c.pos
	p.c.pos++
	var out []byte
	for level := 1; ; {
		b := p.c.next()
		switch b {
		case -1:
			return nil, damaged("texto sem fim")
		case '(':
			level++
		case ')':
			level--
			if level == 0 {
				return pdfString{out, false, p.position(start), p.position(p.c.pos)}, p.charge(len(out))
			}
		case '\\':
			if b = p.escape(); b < 0 {
				continue
			}
		case '\r':
			if p.c.peek() == '\n' {
				p.c.pos++
			}
			b = '\n'
		}
		if out = append(out, byte(b)); len(out) > maxStringBytes {
			return nil, tooComplex("texto longo demais")
		}
	}
}

// escape reads what follows a backslash; -1 means that nothing is added.
func (p *parser) escape() int {
	b := p.c.next()
	switch b {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case '\r':
		if p.c.peek() == '\n' {
			p.c.pos++
		}
		return -1
	case '\n':
		return -1
	}
	if b < '0' || b > '7' {
		return b
	}
	v := b - '0'
	for i := 0; i < 2; i++ {
		d := p.c.peek()
		if d < '0' || d > '7' {
			break
		}
		p.c.pos++
		v = v<<3 | (d - '0')
	}
	return v & 0xff
}
