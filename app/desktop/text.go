package desktop

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func hexHash(h [32]byte) sei.SHA256 { return sei.SHA256(hex.EncodeToString(h[:])) }

// localReference stands for the number that a process does not have yet. It has
// no digits grouped like a number, so that nobody takes it for one.
func localReference(id sei.ProcessID) string {
	s := strings.ToUpper(strings.ReplaceAll(string(id), "-", ""))
	if len(s) < 6 {
		return "SEM NÚMERO"
	}
	return "SEM NÚMERO · ref. " + s[len(s)-6:]
}

func processNumber(p *sei.Process) string {
	if p.Number != "" {
		return p.Number
	}
	return localReference(p.ID)
}

func seiNumber(n int64) string {
	if n == 0 {
		return ""
	}
	return protocol.FormatSEINumber(n)
}

// documentTitle is the type with the number within it: "Ofício 12/2026".
func documentTitle(d *sei.Document, c sei.Catalogue) string {
	t, ok := c.DocumentType(d.Type)
	title := t.Name
	if !ok {
		title = "Documento"
	}
	if d.Number != "" {
		title += " " + d.Number
	}
	return title
}

// documentLabel adds the Nº SEI to the title.
func documentLabel(d *sei.Document, c sei.Catalogue) string {
	if d.SEINumber == 0 {
		return documentTitle(d, c)
	}
	return documentTitle(d, c) + " (" + seiNumber(d.SEINumber) + ")"
}

var months = [...]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}

// dateInWords is the date of an official text: "23 de novembro de 2026".
func dateInWords(t time.Time) string {
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1º"
	}
	return fmt.Sprintf("%s de %s de %d", day, months[t.Month()-1], t.Year())
}

// legalZone is the zone of the legal time (America/Sao_Paulo, without summer
// time since 2019; Decreto 9.772/2019). Windows may have no zone database.
var legalZone = time.FixedZone("BRT", -3*60*60)

func yes(allowed bool, reason string) Permission {
	if allowed {
		return Permission{Allowed: true}
	}
	return Permission{Reason: reason}
}
