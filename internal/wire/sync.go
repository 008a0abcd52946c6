package wire

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/sei-rs/sei-rs-desktop/internal/ledger"
	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

// Limits of one exchange.
const (
	MaxPushCommands = 50
	MaxPullBuckets  = 500
	MaxPullRows     = 2000
	MaxLease        = 200 // numbers in one lease
)

// PushRequest hands in commands in the order in which they were made.
type PushRequest struct {
	// Token is the one that the last push or the enrolment gave.
	Token    string          `json:"token"`
	Commands []ledger.Sealed `json:"commands"`
}

// PushResponse answers each command in the same order.
type PushResponse struct {
	Token   string       `json:"token"`
	Results []PushResult `json:"results"`
}

// PushResult is a receipt, or the word that the command still waits.
type PushResult struct {
	Command sei.CommandID  `json:"command"`
	Receipt *ledger.Sealed `json:"receipt,omitempty"`
	Waiting *WaitingFor    `json:"waiting,omitempty"`
	Problem *sei.Refusal   `json:"problem,omitempty"` // cannot be answered: malformed, or wrong seal
	// Records are the events that the receipt cites, whole, in its order: the desk
	// keeps them until a backup covers them, and gives them back if they are lost.
	Records []ledger.Record `json:"records,omitempty"`
}

// WaitingFor says what a command cannot be decided without.
type WaitingFor struct {
	Blobs    []sei.SHA256    `json:"blobs,omitempty"`
	Commands []sei.CommandID `json:"commands,omitempty"`
	// Recovery: the central was restored from a backup and decides nothing new
	// until it has taken back what was lost.
	Recovery bool `json:"recovery,omitempty"`
}

// Bucket names a synced set of rows.
type Bucket string

// CatalogueBucket holds the reference data.
const CatalogueBucket Bucket = "catalogue"

// UnitBucket is the index of a unit's work.
func UnitBucket(u sei.UnitID) Bucket { return Bucket("unit/" + string(u)) }

// UserBucket holds what belongs to a user.
func UserBucket(u sei.UserID) Bucket { return Bucket("user/" + string(u)) }

// ProcessBucket holds one process.
func ProcessBucket(p sei.ProcessID) Bucket { return Bucket("process/" + string(p)) }

// Parts splits a bucket's name into kind and id.
func (b Bucket) Parts() (kind, id string) {
	kind, id, _ = strings.Cut(string(b), "/")
	return kind, id
}

// PullRequest asks for what changed after the cursors.
type PullRequest struct {
	Unit    sei.UnitID `json:"unit"` // acting unit, for rights
	Buckets []Cursor   `json:"buckets"`
}

// Cursor is how far a desk has read a bucket; 0 is from the beginning.
type Cursor struct {
	Bucket Bucket `json:"bucket"`
	After  int64  `json:"after"`
}

// PullResponse has one page for each bucket asked for that had something to say.
type PullResponse struct {
	Pages []Page    `json:"pages"`
	More  bool      `json:"more"` // some bucket was cut at the limit of rows
	Time  time.Time `json:"time"` // of the central
}

// Page is a part of a bucket, applied in one transaction.
type Page struct {
	Bucket  Bucket `json:"bucket"`
	Rows    []Row  `json:"rows"`
	Cursor  int64  `json:"cursor"` // after this page
	More    bool   `json:"more,omitempty"`
	Revoked bool   `json:"revoked,omitempty"` // erase the bucket and its blobs
	// Reset says that the cursor was unknown: drop the rows, these are all.
	Reset bool `json:"reset,omitempty"`
	// Checksum of the whole bucket, with the last page only.
	Checksum *ledger.Hash `json:"checksum,omitempty"`
}

// Row is one keyed value of a bucket.
type Row struct {
	Key     string          `json:"key"`
	Version int64           `json:"version"`
	Gone    bool            `json:"gone,omitempty"`
	Body    json.RawMessage `json:"body,omitempty"`
}

// InboxLine is the row `process/<id>` of a unit's bucket: all that the list of
// Controle de Processos shows.
type InboxLine struct {
	Process       sei.ProcessID   `json:"process"`
	BucketVersion int64           `json:"bucketVersion"` // of ProcessBucket
	Number        string          `json:"number"`
	Type          int             `json:"type"`
	Specification string          `json:"specification,omitempty"`
	Level         sei.AccessLevel `json:"level"` // global
	Open          bool            `json:"open"`
	Received      bool            `json:"received"`
	Generated     bool            `json:"generated"`
	AssignedTo    sei.UserID      `json:"assignedTo,omitempty"`
	From          sei.UnitID      `json:"from,omitempty"`
	Since         time.Time       `json:"since"`
	LastEventAt   time.Time       `json:"lastEventAt"`
	Interested    []string        `json:"interested,omitempty"` // names
	Documents     int             `json:"documents"`
	Acknowledged  bool            `json:"acknowledged,omitempty"`
}

// EventRow is the row `event/<version>` of a process's bucket.
type EventRow struct {
	Seq     int64           `json:"seq"`
	Header  ledger.Header   `json:"header"`
	Payload json.RawMessage `json:"payload,omitempty"` // withheld when absent
	Salt    []byte          `json:"salt,omitempty"`
	// Receipt proves an event that the central recorded by itself.
	Receipt *ledger.Sealed `json:"receipt,omitempty"`
	Text    string         `json:"text"` // rendered by the central
	User    string         `json:"user"` // name, as known today
	Unit    string         `json:"unit"` // acronym
}

// MinuteRow is the row `minute/<document>/<revision>` of a unit's bucket.
type MinuteRow struct {
	Process sei.ProcessID `json:"process"`
	sei.Revision
	Seq    int64      `json:"seq"` // order of acceptance within the document
	Head   bool       `json:"head"`
	Merged bool       `json:"merged,omitempty"` // a side revision that was taken up
	Author sei.UserID `json:"author"`
	Name   string     `json:"name"`
	At     time.Time  `json:"at"`
}

// UserUnitRow is the row `unit/<id>` of a user's bucket.
type UserUnitRow struct {
	Unit     sei.UnitID    `json:"unit"`
	Profiles []sei.Profile `json:"profiles"`
}

// Lease is a range of Nº SEI given to a workstation.
type Lease struct {
	From int64 `json:"from"`
	To   int64 `json:"to"` // included
}

// LeaseRequest asks for numbers and gives back unused ones.
type LeaseRequest struct {
	Want   int     `json:"want"`
	Return []int64 `json:"return,omitempty"`
}

// LeaseResponse carries what was given.
type LeaseResponse struct {
	Leases []Lease `json:"leases"`
}

// Hint is one server-sent event: pull these buckets now.
type Hint struct {
	Buckets []Bucket `json:"buckets,omitempty"`
}
