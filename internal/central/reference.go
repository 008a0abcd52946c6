package central

import (
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

//go:embed reference/*.csv
var referenceFiles embed.FS

// DefaultMask is the process number of Rio Grande do Sul's agencies in the
// reference data: the NIPE with the state's digits.
const DefaultMask = "43.@cod_orgao_sei_03d@@cod_unidade_sei_03d@.@seq_anual_cod_unidade_sei_06d@/@ano_4d@-@dv_mod11_executivo_federal_2d@"

// The words that found a signature of each level in the stamp of an agency.
const (
	basisSimple    = "Lei nº 14.063/2020, art. 4º, I"
	basisAdvanced  = "Lei nº 14.063/2020, art. 4º, II"
	basisQualified = "Lei nº 14.063/2020, art. 4º, III"
)

// referenceRow is one entry of the catalogue with the key of its row.
type referenceRow struct {
	key  string
	body any
}

// shippedReference reads the reference data that comes with the program.
func shippedReference() ([]referenceRow, error) {
	var rows []referenceRow
	loaders := []func() ([]referenceRow, error){
		agencyRows, processTypeRows, documentTypeRows, subjectRows, legalBasisRows,
		func() ([]referenceRow, error) { return namedRows("positions.csv", "position") },
		func() ([]referenceRow, error) { return namedRows("conference_types.csv", "conference-type") },
		extensionRows,
	}
	for _, load := range loaders {
		more, err := load()
		if err != nil {
			return nil, fmt.Errorf("loading reference data: %w", err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// record is a line of a reference file by the names of its columns. The first
// field that cannot be read is kept in err.
type record struct {
	fields map[string]string
	err    error
}

func (r *record) text(name string) string {
	v, ok := r.fields[name]
	if !ok && r.err == nil {
		r.err = fmt.Errorf("column %q is missing", name)
	}
	return v
}

func (r *record) yes(name string) bool { return r.text(name) == "S" }

func (r *record) number(name string) int {
	s := r.text(name)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("column %q: %w", name, err)
	}
	return n
}

// eachRecord calls visit for every line of a reference file.
func eachRecord(name string, visit func(r *record)) error {
	f, err := referenceFiles.Open("reference/" + name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // embedded
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, line := range lines[1:] {
		r := &record{fields: map[string]string{}}
		for j, column := range lines[0] {
			r.fields[column] = line[j]
		}
		if visit(r); r.err != nil {
			return fmt.Errorf("%s line %d: %w", name, i+2, r.err)
		}
	}
	return nil
}

func agencyRows() ([]referenceRow, error) {
	var rows []referenceRow
	err := eachRecord("agencies.csv", func(r *record) {
		a := sei.Agency{
			ID: sei.AgencyID(strings.ToLower(r.text("acronym"))), Code: len(rows) + 1,
			Acronym: r.text("acronym"), Name: r.text("name"), Kind: r.text("kind"),
			Mask: DefaultMask, ComparesCPF: true, Active: true,
			LegalBasisSimple: basisSimple, LegalBasisAdvanced: basisAdvanced, LegalBasisQualified: basisQualified,
		}
		rows = append(rows, referenceRow{agencyKey(a.ID), a})
	})
	return rows, err
}

func processTypeRows() ([]referenceRow, error) {
	levels := map[int][]sei.AccessLevel{}
	err := eachRecord("process_type_access_levels.csv", func(r *record) {
		id := r.number("process_type_id")
		levels[id] = append(levels[id], sei.AccessLevel(r.number("access")))
	})
	if err != nil {
		return nil, err
	}
	subjects := map[int][]int{}
	err = eachRecord("process_type_subjects.csv", func(r *record) {
		id := r.number("process_type_id")
		subjects[id] = append(subjects[id], r.number("subject_id"))
	})
	if err != nil {
		return nil, err
	}
	var rows []referenceRow
	err = eachRecord("process_types.csv", func(r *record) {
		id := r.number("id")
		rows = append(rows, referenceRow{numberedKey("process-type", id), sei.ProcessType{
			ID: id, Name: r.text("name"), Active: r.yes("active"), Internal: r.yes("internal"),
			Individual: r.yes("individual"), Ombudsman: r.yes("ombudsman"), Levels: levels[id],
			SuggestLevel: sei.AccessLevel(r.number("suggested_access")), SuggestBasis: r.number("suggested_legal_basis_id"),
			SubjectIDs: subjects[id], MinSignLevel: sei.LevelSimple,
		}})
	})
	return rows, err
}

func documentTypeRows() ([]referenceRow, error) {
	var rows []referenceRow
	err := eachRecord("document_types.csv", func(r *record) {
		id := r.number("id")
		rows = append(rows, referenceRow{numberedKey("document-type", id), sei.DocumentType{
			ID: id, Name: r.text("name"), Active: r.yes("active"),
			Applicability: sei.Applicability(r.text("applicability")), Numbering: sei.Numbering(r.text("numbering")),
			Interested: r.yes("has_interested"), Recipient: r.yes("has_recipient"), MinSignLevel: sei.LevelSimple,
		}})
	})
	return rows, err
}

func subjectRows() ([]referenceRow, error) {
	var rows []referenceRow
	err := eachRecord("subjects.csv", func(r *record) {
		id := r.number("id")
		rows = append(rows, referenceRow{numberedKey("subject", id), sei.Subject{
			ID: id, Code: r.text("code"), Name: r.text("name"), Active: r.yes("active"), Structural: r.yes("structural"),
			Current: r.number("current_years"), Intermediate: r.number("intermediate_years"), Destination: r.text("destination"),
		}})
	})
	return rows, err
}

func legalBasisRows() ([]referenceRow, error) {
	var rows []referenceRow
	err := eachRecord("legal_bases.csv", func(r *record) {
		id := r.number("id")
		rows = append(rows, referenceRow{numberedKey("legal-basis", id), sei.LegalBasis{
			ID: id, Name: r.text("name"), Law: r.text("law"), Level: sei.AccessLevel(r.number("access")), Active: r.yes("active"),
		}})
	})
	return rows, err
}

func namedRows(file, kind string) ([]referenceRow, error) {
	var rows []referenceRow
	err := eachRecord(file, func(r *record) {
		id := r.number("id")
		rows = append(rows, referenceRow{numberedKey(kind, id), sei.NamedItem{ID: id, Name: r.text("name"), Active: r.yes("active")}})
	})
	return rows, err
}

func extensionRows() ([]referenceRow, error) {
	var rows []referenceRow
	err := eachRecord("file_extensions.csv", func(r *record) {
		x := sei.FileExtension{Extension: r.text("extension"), Active: r.yes("active"), MaxMB: r.number("max_mb")}
		rows = append(rows, referenceRow{"extension/" + x.Extension, x})
	})
	return rows, err
}

func agencyKey(id sei.AgencyID) string       { return "agency/" + string(id) }
func unitKey(id sei.UnitID) string           { return "unit/" + string(id) }
func numberedKey(kind string, id int) string { return kind + "/" + strconv.Itoa(id) }
