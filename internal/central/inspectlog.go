package central

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// logEntry is a row of the log as it is stored.
type logEntry struct {
	seq, version, at int64
	stream, command  string
	header, hash     []byte
}

// log reads the whole log in its order, recomputes the Merkle tree, and holds
// every checkpoint against it.
func (in *inspector) log() error {
	head := &ledger.LogHead{}
	w := logWalk{inspector: in, head: head, heads: map[int64]ledger.Hash{0: head.Root()}}
	if in.hasLog {
		err := in.r.row("SELECT COALESCE(MAX(size), 0), COUNT(*) FROM checkpoints").Scan(&in.out.Covered, &in.out.Checkpoints)
		if err != nil {
			return fmt.Errorf("counting checkpoints: %w", err)
		}
	}
	if err := w.keepKnown(); err != nil {
		return err
	}
	for after := int64(0); ; {
		page, err := in.logPage(after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		last := page[len(page)-1].seq
		if err := w.take(page); err != nil {
			return err
		}
		if err := w.checkpoints(after, last); err != nil {
			return err
		}
		after = last
	}
	in.out.Root = w.head.Root()
	return w.finish()
}

func (in *inspector) logPage(after int64) ([]logEntry, error) {
	var page []logEntry
	err := in.r.each("SELECT seq, stream, version, header, hash, command_id, at FROM events WHERE seq > ? ORDER BY seq LIMIT ?", []any{after, inspectPage},
		func(scan func(...any) error) error {
			var e logEntry
			err := scan(&e.seq, &e.stream, &e.version, &e.header, &e.hash, &e.command, &e.at)
			page = append(page, e)
			return err
		})
	return page, err
}

// logWalk grows the tree along the log.
type logWalk struct {
	*inspector
	head  *ledger.LogHead
	heads map[int64]ledger.Hash // of the sizes of this page and of what is known from outside
	known []ledger.Checkpoint
	// A root or a node that is wrong makes those after it wrong for the same
	// reason: they are not listed one by one.
	rootBroken, nodeBroken bool
	lost                   bool // a hole was too long to go on with the tree
}

func (w *logWalk) keepKnown() error {
	for _, sealed := range w.cfg.Known {
		c, err := ledger.OpenCheckpoint(w.keyFor(sealed), sealed)
		if err != nil {
			w.out.find(CheckCheckpoint, "ponto informado", "O ponto do registro informado não foi assinado por esta central.")
			continue
		}
		w.known = append(w.known, c)
	}
	return nil
}

func (w *logWalk) take(page []logEntry) error {
	for _, e := range page {
		if err := w.fill(e.seq); err != nil {
			return err
		}
		w.out.Events++
		hash := w.entry(e)
		if w.lost {
			continue
		}
		if err := w.append(hash); err != nil {
			return err
		}
	}
	return nil
}

// maxFilled is how many missing places are filled, so that what comes after
// them keeps its place. Over a longer hole the tree is given up.
const maxFilled = 100_000

// fill names the places that are missing before seq.
func (w *logWalk) fill(seq int64) error {
	first, last := w.head.Size()+1, seq-1
	if w.lost || last < first {
		return nil
	}
	subject := place(first)
	if last > first {
		subject += " a " + strconv.FormatInt(last, 10)
	}
	w.out.find(CheckLog, subject, "Falta o cabeçalho desta posição do registro: foi apagado.")
	if last-first >= maxFilled {
		w.lost, w.rootBroken, w.nodeBroken = true, true, true
		return nil
	}
	for range last - first + 1 {
		if err := w.append(ledger.Hash{}); err != nil {
			return err
		}
	}
	return nil
}

func (w *logWalk) append(h ledger.Hash) error {
	err := w.head.Append(h, w.node)
	if err == nil {
		w.heads[w.head.Size()] = w.head.Root()
	}
	return err
}

// entry judges one row and gives the hash that its header really has.
func (w *logWalk) entry(e logEntry) ledger.Hash {
	h, err := ledger.DecodeHeader(e.header)
	if err != nil {
		w.out.find(CheckLog, place(e.seq), "O cabeçalho não pode ser lido: %v.", err)
		stored, _ := asHash(e.hash) // the best that is known of it
		return stored
	}
	hash := h.Hash()
	switch {
	case string(hash[:]) != string(e.hash):
		w.out.find(CheckLog, place(e.seq), "O cabeçalho de %s versão %d foi alterado: não corresponde ao seu resumo.", e.stream, e.version)
	case h.Stream != e.stream || h.Version != e.version || h.Command != e.command || micros(h.At) != e.at:
		w.out.find(CheckLog, place(e.seq), "A linha do registro não corresponde ao seu cabeçalho (%s versão %d).", h.Stream, h.Version)
	}
	return hash
}

// node holds the stored subtrees, from which proofs are made, against the
// recomputed ones.
func (w *logWalk) node(n ledger.Node, hash ledger.Hash) error {
	if n.Level == 0 || w.nodeBroken || (n.Index+1)<<n.Level > w.out.Covered {
		return nil
	}
	var raw []byte
	err := w.r.row("SELECT hash FROM log_nodes WHERE level = ? AND position = ?", n.Level, n.Index).Scan(&raw)
	found, err := noRows(err)
	if err != nil {
		return err
	}
	if !found || string(raw) != string(hash[:]) {
		w.nodeBroken = true
		w.out.find(CheckLog, fmt.Sprintf("nó %d do nível %d", n.Index, n.Level), "A árvore do registro não corresponde aos cabeçalhos: as provas seriam falsas.")
	}
	return nil
}

// checkpoints judges those whose sizes lie after the place from, up to to, and
// forgets the heads that it no longer needs.
func (w *logWalk) checkpoints(from, to int64) error {
	for i, c := range w.known {
		if root, reached := w.heads[c.Size]; reached {
			if root != c.Root {
				w.out.find(CheckCheckpoint, "ponto informado "+strconv.Itoa(i+1), "O registro até a posição %d não é o que a central assinou em %s: a história foi reescrita.", c.Size, c.At.In(w.zone).Format("02/01/2006 15:04:05"))
			}
			w.known[i].Size = -1 // judged
		}
	}
	if w.hasLog {
		if err := w.storedCheckpoints(from, to); err != nil {
			return err
		}
	}
	clear(w.heads)
	return nil
}

func (w *logWalk) storedCheckpoints(from, to int64) error {
	return w.r.each("SELECT size, sealed FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size", []any{from, to},
		func(scan func(...any) error) error {
			var size int64
			var data []byte
			if err := scan(&size, &data); err != nil {
				return err
			}
			subject := "ponto " + strconv.FormatInt(size, 10)
			var sealed ledger.Sealed
			if err := json.Unmarshal(data, &sealed); err != nil {
				w.out.find(CheckCheckpoint, subject, "O ponto do registro não pode ser lido.")
				return nil
			}
			c, err := ledger.OpenCheckpoint(w.keyFor(sealed), sealed)
			switch {
			case err != nil:
				w.out.find(CheckCheckpoint, subject, "A assinatura do ponto do registro não confere.")
			case c.Size != size:
				w.out.find(CheckCheckpoint, subject, "O ponto do registro é de outra posição (%d).", c.Size)
			case w.heads[size] != c.Root && !w.rootBroken:
				w.rootBroken = true
				w.out.find(CheckCheckpoint, subject, "O registro até esta posição não é o que a central assinou em %s.", c.At.In(w.zone).Format("02/01/2006 15:04:05"))
			}
			return nil
		})
}

// finish judges what the log did not reach.
func (w *logWalk) finish() error {
	for i, c := range w.known {
		if c.Size == 0 {
			continue
		}
		if c.Size > w.head.Size() {
			w.out.find(CheckCheckpoint, "ponto informado "+strconv.Itoa(i+1), "A central assinou %d posições e o registro tem %d: o fim do registro falta.", c.Size, w.head.Size())
		}
	}
	if w.out.Covered > w.head.Size() {
		w.out.find(CheckCheckpoint, "ponto "+strconv.FormatInt(w.out.Covered, 10), "A central assinou %d posições e o registro tem %d: o fim do registro falta.", w.out.Covered, w.head.Size())
	}
	return nil
}

func place(seq int64) string { return "posição " + strconv.FormatInt(seq, 10) }

// receipts verifies every stored answer and that it cites what happened.
func (in *inspector) receipts() error {
	for after := ""; ; {
		page, err := in.receiptPage(after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			in.out.Receipts++
			if err := in.receipt(c); err != nil {
				return err
			}
			after = c.id
		}
	}
	if in.issued+in.answered != in.out.Events && in.out.Sound() {
		in.out.find(CheckReceipt, "recibos", "%d eventos não são citados por nenhum recibo.", in.out.Events-in.issued-in.answered)
	}
	return nil
}

type storedReceipt struct {
	id       string
	hash     []byte
	accepted bool
	receipt  []byte
}

func (in *inspector) receiptPage(after string) ([]storedReceipt, error) {
	var page []storedReceipt
	err := in.r.each("SELECT id, hash, accepted, receipt FROM commands WHERE id > ? ORDER BY id LIMIT ?", []any{after, inspectPage},
		func(scan func(...any) error) error {
			var c storedReceipt
			err := scan(&c.id, &c.hash, &c.accepted, &c.receipt)
			page = append(page, c)
			return err
		})
	return page, err
}

func (in *inspector) receipt(c storedReceipt) error {
	subject := "comando " + c.id
	var sealed ledger.Sealed
	hash, err := asHash(c.hash)
	if err == nil {
		err = json.Unmarshal(c.receipt, &sealed)
	}
	if err != nil {
		in.out.find(CheckReceipt, subject, "O recibo não pode ser lido.")
		return nil
	}
	r, err := ledger.OpenReceipt(in.keyFor(sealed), sealed, c.id, hash)
	if err != nil {
		in.out.find(CheckReceipt, subject, "O recibo não confere: %v.", err)
		return nil
	}
	if r.Accepted != c.accepted {
		in.out.find(CheckReceipt, subject, "O recibo assinado e a resposta guardada dizem o contrário um do outro.")
	}
	for _, e := range r.Events {
		var raw []byte
		var command string
		err := in.r.row("SELECT hash, command_id FROM events WHERE stream = ? AND version = ?", e.Stream, e.Version).Scan(&raw, &command)
		found, err := noRows(err)
		switch {
		case err != nil:
			return err
		case !found:
			in.out.find(CheckReceipt, subject, "O recibo cita %s versão %d, que não está no registro: foi apagado.", e.Stream, e.Version)
		case string(raw) != string(e.Hash[:]) || command != c.id:
			in.out.find(CheckReceipt, subject, "O recibo cita %s versão %d com outro conteúdo: o evento foi alterado.", e.Stream, e.Version)
		default:
			in.answered++
		}
	}
	return nil
}

// isIssued says whether an event of this kind may come from the central itself,
// which answers nobody.
func isIssued(kind string) bool {
	switch kind {
	case string(sei.EvContentDelivered), string(sei.EvSignatureRaised), ledger.KindPlaceLost, ledger.KindRecovered:
		return true
	}
	return false
}
