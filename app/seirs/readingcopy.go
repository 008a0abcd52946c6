package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/central"
	"github.com/sei-rs/sei-rs-desktop/internal/pades"
	"github.com/sei-rs/sei-rs-desktop/internal/pdf"
	"github.com/sei-rs/sei-rs-desktop/internal/protocol"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// sealTimeout ends the sealing of one copy; it reads the copy twice.
const sealTimeout = time.Minute

// readingCopier makes vias de leitura with the program's own typesetter and puts
// the central's seal on them: what is changed afterwards can be told.
type readingCopier struct{}

var _ central.ReadingCopier = readingCopier{}

// state stands at the head of every document.
const state = "ESTADO DO RIO GRANDE DO SUL"

func (readingCopier) Copy(ctx context.Context, w io.Writer, content central.File, c central.ReadingCopy) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// The copy is bounded by what pdf.ReadingCopy reads, and is held whole
	// because a signature covers all of it.
	var made bytes.Buffer
	if err := pdf.ReadingCopy(&made, content, sheetOf(c)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sealTimeout)
	defer cancel()
	_, err := pades.Sign(ctx, bytes.NewReader(made.Bytes()), int64(made.Len()), w, pades.SignOptions{
		Signer: c.Seal.Key, Certificate: c.Seal.Certificate, Name: c.Seal.Certificate.Subject.CommonName,
		Reason: c.SealReason(), Time: c.MadeAt, NoPolicy: true,
	})
	if err != nil {
		return fmt.Errorf("sealing a reading copy: %w", err)
	}
	return nil
}

func sheetOf(c central.ReadingCopy) pdf.Sheet {
	d := c.Document
	sheet := pdf.Sheet{
		Header: []string{state, strings.ToUpper(c.Agency.Name), c.Unit.Name},
		Title:  strings.TrimSpace(c.TypeName + " " + d.Number), SEINumber: protocol.FormatSEINumber(d.SEINumber),
		Process: c.Process.Number, Training: c.Training, Date: c.Process.LastEventAt,
	}
	if d.Frozen != nil {
		sheet.Verification = pdf.Verification{URL: c.VerifyURL, Code: sheet.SEINumber, CRC: d.Frozen.CRC, QRURL: c.QRURL}
	}
	for _, s := range d.Signatures {
		sheet.Signatures = append(sheet.Signatures, stampOf(s, c.Agencies[s.SigningAgency]))
		sheet.Date = s.At
	}
	return sheet
}

func stampOf(s sei.Signature, agency string) pdf.Signature {
	stamp := pdf.Signature{
		Name: s.SignerName, Position: s.Position, Agency: agency, At: s.At, Level: stampLevel(s.Level), LegalBasis: foundedOn(s.LegalBasis),
	}
	if s.Certificate != nil {
		stamp.CertificateSerial, stamp.ICP = s.Certificate.Serial, s.Certificate.ICPBrasil
	}
	if s.Verdict != sei.VerdictValid {
		stamp.Remark = "Assinatura ainda não verificada por inteiro: " + strings.Join(s.Reasons, " ")
	}
	return stamp
}

func stampLevel(l sei.SignatureLevel) pdf.SignatureLevel {
	switch l {
	case sei.LevelQualified:
		return pdf.LevelQualified
	case sei.LevelAdvanced:
		return pdf.LevelAdvanced
	}
	return pdf.LevelSimple
}

// foundedOn puts the article that the sentence of the stamp needs before the
// name of a law; other words are the agency's own and stay as they are.
func foundedOn(basis string) string {
	switch first, _, _ := strings.Cut(basis, " "); strings.ToLower(first) {
	case "lei", "instrução", "portaria", "resolução":
		return "na " + basis
	case "decreto":
		return "no " + basis
	}
	return basis
}
