package central

import (
	"fmt"
	"unicode/utf8"

	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits of what a command may carry that the rulebook leaves to its host.
const (
	maxPlainCommand  = 256 << 10 // bytes of a command without a text
	maxFileName      = 255       // characters
	maxTypesetter    = 100
	maxFormerNumbers = 20
	maxFormerNumber  = 60 // characters
)

// checkSize refuses commands that are large without a text to be large by.
func (p *prepared) checkSize() error {
	switch p.command.Body.(type) {
	case sei.AddDocument, sei.EditMinute:
		return nil
	}
	if len(p.sealed.Payload) > maxPlainCommand {
		return sei.Errorf(sei.CodeTooLarge, "O comando passa do tamanho aceito pela central.")
	}
	return nil
}

// checkForm refuses new ids that are not ids, or are taken anywhere in the
// installation (the rulebook sees one process only), and fields out of measure.
func (p *prepared) checkForm(r reader) (*sei.Refusal, error) {
	switch b := p.command.Body.(type) {
	case sei.StartProcess:
		if _, err := protocol.ParseID(string(p.command.Process)); err != nil {
			return badForm(), nil
		}
		return checkFormerNumbers(b.FormerNumbers), nil
	case sei.AddDocument:
		return checkNewID(r, b.Document)
	case sei.RegisterExternal:
		if utf8.RuneCountInString(b.File.Content.Name) > maxFileName || len(b.File.Content.MIME) > maxFileName {
			return &sei.Refusal{Code: sei.CodeTooLarge, Message: fmt.Sprintf("O nome do arquivo passa de %d caracteres. Renomeie-o e registre o documento de novo.", maxFileName)}, nil
		}
		return checkNewID(r, b.Document)
	case sei.SignDocument:
		for _, ref := range sei.CitedBlobs(b) {
			if len(ref.Name) > 4*maxFileName || len(ref.MIME) > maxFileName || !ref.SHA256.Valid() {
				return badForm(), nil
			}
		}
		if f := b.Frozen; f != nil && (len(f.Salt) != protocol.SaltSize || len(f.Typesetter) > maxTypesetter || f.Pages < 0) {
			return badForm(), nil
		}
	}
	return nil, nil
}

func checkNewID(r reader, id sei.DocumentID) (*sei.Refusal, error) {
	if _, err := protocol.ParseID(string(id)); err != nil {
		return badForm(), nil
	}
	var n int
	if err := r.row("SELECT COUNT(*) FROM documents WHERE id = ?", string(id)).Scan(&n); err != nil {
		return nil, fmt.Errorf("looking for a document: %w", err)
	}
	if n > 0 {
		return &sei.Refusal{Code: sei.CodeExists, Message: "Já existe um documento com esta identificação. Inclua o documento de novo."}, nil
	}
	return nil, nil
}

func checkFormerNumbers(numbers []string) *sei.Refusal {
	if len(numbers) > maxFormerNumbers {
		return &sei.Refusal{Code: sei.CodeTooLarge, Message: fmt.Sprintf("Um processo aceita no máximo %d números anteriores.", maxFormerNumbers)}
	}
	for _, n := range numbers {
		if utf8.RuneCountInString(n) > maxFormerNumber {
			return &sei.Refusal{Code: sei.CodeTooLarge, Message: fmt.Sprintf("Um número anterior passa de %d caracteres.", maxFormerNumber)}
		}
	}
	return nil
}

func badForm() *sei.Refusal {
	return &sei.Refusal{Code: sei.CodeInvalid, Message: "O pedido chegou à central malformado. Atualize o programa e repita a operação."}
}
