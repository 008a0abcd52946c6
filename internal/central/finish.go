package central

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

const (
	// maxLost bounds how many places of the log a recovery may give up. A loss
	// that large is not one of the time since a backup.
	maxLost = 1_000_000
	// maxListed bounds each list of the report.
	maxListed = 200
)

// RecoveryReport says how far a recovery is, or how it ended.
type RecoveryReport struct {
	ID       string    `json:"id"`
	Open     bool      `json:"open"`
	Since    time.Time `json:"since"`
	Backup   time.Time `json:"backup"`
	Finished time.Time `json:"finished,omitzero"`
	// Restored counts the acts that are in the ledger again.
	Restored int64 `json:"restored"`
	// Waiting are acts that wait for an earlier one of their process, Kept those
	// that are evidence only: late, or in conflict with what is there.
	Waiting []ReturnedAct `json:"waiting,omitempty"`
	Kept    []ReturnedAct `json:"kept,omitempty"`
	// LostPlaces are places of the signed log whose event nobody has given back.
	LostPlaces int64 `json:"lostPlaces"`
	FirstLost  int64 `json:"firstLost,omitempty"`
	// MissingFiles are cited by acts that came back, and are not here.
	MissingFiles []MissingFile `json:"missingFiles,omitempty"`
	// Desks that are known and have not yet given back all they have.
	Desks []PendingDesk `json:"desks,omitempty"`
}

// ReturnedAct is an act that was given back and is not in the ledger.
type ReturnedAct struct {
	Command string    `json:"command"`
	Process string    `json:"process"`
	User    string    `json:"user"` // id
	At      time.Time `json:"at"`   // of its acceptance
	State   string    `json:"state"`
	Why     string    `json:"why"`
}

// MissingFile is a file that an act cites.
type MissingFile struct {
	SHA256  sei.SHA256 `json:"sha256"`
	Size    int64      `json:"size"`
	Command string     `json:"command"`
}

// PendingDesk is a workstation that may still hold something.
type PendingDesk struct {
	Device string `json:"device"`
	Name   string `json:"name"`
	Login  string `json:"login"`
}

// Recovery reports the latest recovery; sei.CodeNotFound when there was none.
func (s *Service) Recovery(ctx context.Context) (RecoveryReport, error) {
	var report RecoveryReport
	err := s.store.viewing(ctx, func(r reader) error {
		v, err := lastRecovery(r)
		if err != nil {
			return err
		}
		if v == nil {
			return sei.Errorf(sei.CodeNotFound, "Esta central não foi restaurada de uma cópia de segurança.")
		}
		report, err = reportOf(r, v)
		return err
	})
	if err != nil {
		return report, err
	}
	report.MissingFiles, err = s.missingFiles(ctx)
	return report, err
}

// FinishRecovery closes the recovery: what has not come back by now is given up,
// and the central records new acts again, under numbers that the lost one cannot
// have given. sei.CodeConflict when no recovery is open.
func (s *Service) FinishRecovery(ctx context.Context) (RecoveryReport, error) {
	err := s.commits.write(ctx, func(w *writer) error {
		v, err := openRecovery(w.reader)
		if err != nil {
			return err
		}
		if v == nil {
			return sei.Errorf(sei.CodeConflict, "Não há recuperação em andamento nesta central.")
		}
		return s.finish(w, v)
	})
	if err != nil {
		return RecoveryReport{}, fmt.Errorf("finishing the recovery: %w", err)
	}
	// A desk that hears of the end holds the log against what was signed before the
	// loss: until the log is signed anew, it would have to call it rewritten.
	if err := s.SignCheckpoint(ctx); err != nil {
		return RecoveryReport{}, err
	}
	return s.Recovery(ctx)
}

func (s *Service) finish(w *writer, v *recovery) error {
	if err := s.placeStaged(w, v, ""); err != nil {
		return err
	}
	report, err := reportOf(w.reader, v)
	if err != nil {
		return err
	}
	lost, err := lostPlaces(w.reader, v)
	if err != nil {
		return err
	}
	if err := s.fillPlaces(w, v, lost); err != nil {
		return err
	}
	err = w.exec("UPDATE returned SET state = ?, why = ? WHERE state = ?", stateLate,
		"A recuperação terminou sem um ato anterior do mesmo processo. O ato ficou guardado como prova.", stateStaged)
	if err != nil {
		return err
	}
	if err := passCounters(w, v); err != nil {
		return err
	}
	v.finished = s.now()
	record := ledger.RecoveryRecord{
		Recovery: v.id, Backup: v.backup, Since: v.since, Restored: report.Restored, Lost: int64(len(lost)), Unplaced: int64(len(report.Waiting) + len(report.Kept)),
	}
	if len(lost) > 0 {
		record.FirstLost = lost[0]
	}
	if err := s.recordOwn(w, ledger.KindRecovered, v.id, 0, record); err != nil {
		return err
	}
	if err := w.exec("UPDATE recoveries SET finished_at = ? WHERE id = ?", micros(v.finished), v.id); err != nil {
		return err
	}
	return s.sealRecovery(w, v, ledger.RecoveryStatement{Finished: v.finished, FirstLost: record.FirstLost, Lost: record.Lost})
}

// lostPlaces are those of the log, up to the end that anybody has seen signed or
// given back, that have no event.
func lostPlaces(r reader, v *recovery) ([]int64, error) {
	var end, there int64
	err := r.row("SELECT COALESCE(MAX(seq), 0), COUNT(CASE WHEN seq > ? THEN 1 END) FROM events", v.size).Scan(&end, &there)
	if err != nil {
		return nil, fmt.Errorf("measuring the log: %w", err)
	}
	end = max(end, v.seen)
	if end-v.size-there > maxLost {
		return nil, sei.Errorf(sei.CodeTooLarge, "Faltam %d posições do registro, mais do que uma recuperação aceita. Use uma cópia mais nova.", end-v.size-there)
	}
	var lost []int64
	next := v.size + 1
	err = r.each("SELECT seq FROM events WHERE seq > ? ORDER BY seq", []any{v.size}, func(scan func(...any) error) error {
		var seq int64
		if err := scan(&seq); err != nil {
			return err
		}
		for ; next < seq; next++ {
			lost = append(lost, next)
		}
		next = seq + 1
		return nil
	})
	for ; next <= end; next++ {
		lost = append(lost, next)
	}
	return lost, err
}

// fillPlaces puts a header at every lost place, so that the log goes on without a
// hole and says itself what is missing.
func (s *Service) fillPlaces(w *writer, v *recovery, lost []int64) error {
	if len(lost) == 0 {
		return nil
	}
	staged, err := s.stagedActs(w, "")
	if err != nil {
		return err
	}
	hashes := map[int64]ledger.Hash{}
	for _, a := range staged {
		for _, rec := range a.item.Records {
			hashes[rec.Seq] = rec.Header.Hash()
		}
	}
	for _, seq := range lost {
		gone := ledger.PlaceLost{Recovery: v.id}
		if h, known := hashes[seq]; known {
			gone.Hash = &h
		}
		if err := s.recordOwn(w, ledger.KindPlaceLost, v.id, seq, gone); err != nil {
			return err
		}
	}
	return nil
}

// recordOwn writes an event of the central's own stream, at place seq of the log,
// or at its end for 0.
func (s *Service) recordOwn(w *writer, kind, command string, seq int64, body any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", kind, err)
	}
	salt := make([]byte, ledger.SaltSize)
	if _, err := io.ReadFull(s.cfg.Random, salt); err != nil {
		return fmt.Errorf("reading a salt: %w", err)
	}
	version, last, err := streamHead(w.reader, ledger.CentralStream)
	if err != nil {
		return err
	}
	if seq == 0 {
		if err := w.row("SELECT COALESCE(MAX(seq), 0) + 1 FROM events").Scan(&seq); err != nil {
			return fmt.Errorf("reading the log's size: %w", err)
		}
	}
	return writeRecord(w, ledger.Record{Seq: seq, Salt: salt, Payload: payload, Header: ledger.Header{
		Stream: ledger.CentralStream, Version: version + 1, Prev: last, Kind: kind, Command: command, At: s.now(), Digest: ledger.Digest(salt, payload),
	}})
}

func reportOf(r reader, v *recovery) (RecoveryReport, error) {
	report := RecoveryReport{ID: v.id, Open: v.finished.IsZero(), Since: v.since, Backup: v.backup, Finished: v.finished}
	if err := r.row("SELECT COUNT(*) FROM returned WHERE recovery = ? AND state = 'restored'", v.id).Scan(&report.Restored); err != nil {
		return report, fmt.Errorf("counting what came back: %w", err)
	}
	var err error
	if report.Waiting, err = returnedActs(r, "state = 'staged'"); err != nil {
		return report, err
	}
	if report.Kept, err = returnedActs(r, "recovery = ? AND state IN ('late', 'conflict')", v.id); err != nil {
		return report, err
	}
	if report.Open {
		lost, err := lostPlaces(r, v)
		if err != nil {
			return report, err
		}
		if report.LostPlaces = int64(len(lost)); len(lost) > 0 {
			report.FirstLost = lost[0]
		}
	} else if report.LostPlaces, report.FirstLost, err = givenUp(r, v); err != nil {
		return report, err
	}
	err = r.each(`SELECT d.id, d.name, u.login FROM devices d JOIN users u ON u.id = d.user_id
		WHERE NOT EXISTS (SELECT 1 FROM returned_desks x WHERE x.device_id = d.id AND x.recovery = ?) ORDER BY u.login, d.id LIMIT ?`,
		[]any{v.id, maxListed}, func(scan func(...any) error) error {
			var p PendingDesk
			err := scan(&p.Device, &p.Name, &p.Login)
			report.Desks = append(report.Desks, p)
			return err
		})
	return report, err
}

// givenUp reads from the signed statement what a closed recovery gave up.
func givenUp(r reader, v *recovery) (lost, first int64, err error) {
	sealed, err := sealedRow(r, "SELECT sealed FROM recoveries WHERE id = ? AND sealed <> ''", v.id)
	if err != nil || sealed == nil {
		return 0, 0, err
	}
	var st ledger.RecoveryStatement
	if err := json.Unmarshal(sealed.Payload, &st); err != nil {
		return 0, 0, fmt.Errorf("decoding a stored statement: %w", err)
	}
	return st.Lost, st.FirstLost, nil
}

func returnedActs(r reader, where string, args ...any) ([]ReturnedAct, error) {
	var all []ReturnedAct
	err := r.each("SELECT id, process_id, user_id, accepted_at, state, why FROM returned WHERE "+where+" ORDER BY accepted_at, id LIMIT ?",
		append(args, maxListed), func(scan func(...any) error) error {
			var a ReturnedAct
			var at int64
			err := scan(&a.Command, &a.Process, &a.User, &at, &a.State, &a.Why)
			a.At = fromMicros(at)
			all = append(all, a)
			return err
		})
	return all, err
}

// missingFiles looks for the files of what came back; one that has come since is
// forgotten.
func (s *Service) missingFiles(ctx context.Context) ([]MissingFile, error) {
	var cited, missing []MissingFile
	err := s.store.viewing(ctx, func(r reader) error {
		return r.each("SELECT sha256, size, command_id FROM returned_files ORDER BY command_id, sha256", nil, func(scan func(...any) error) error {
			var f MissingFile
			err := scan((*string)(&f.SHA256), &f.Size, &f.Command)
			cited = append(cited, f)
			return err
		})
	})
	for _, f := range cited {
		if err != nil || len(missing) >= maxListed {
			break
		}
		if _, sizeErr := s.cfg.Files.Size(ctx, f.SHA256); sei.CodeOf(sizeErr) == sei.CodeNotFound {
			missing = append(missing, f)
		} else {
			err = sizeErr
		}
	}
	return missing, err
}
