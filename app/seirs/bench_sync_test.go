package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheSyncBenchMeasuresARealCentralAndARealDesk(t *testing.T) {
	out, err := command(t, "", "bench", "sync", "--processes", "12", "--documents", "40", "--queued", "5", "--pouch", "none", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var r syncReport
	if err := json.Unmarshal([]byte(out[max(strings.Index(out, "{"), 0):]), &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if r.Rows < 52 || r.JSONBytes <= r.CompressedBytes || r.FirstSyncS <= 0 || r.RatioDownload <= 0 || r.PullOneMS <= 0 || r.Push1000S <= 0 {
		t.Errorf("measured %+v", r)
	}
	if len(r.Notes) != 1 {
		t.Errorf("that PouchDB is missing is not said: %v", r.Notes)
	}
}
