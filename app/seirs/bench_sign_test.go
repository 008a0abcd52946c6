package main

import (
	"encoding/json"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/testtool"
)

func TestTheBenchOfSignaturesMeasuresWhatItSays(t *testing.T) {
	testtool.Path(t, "softhsm2-util")
	testtool.Path(t, "pkcs11-tool")
	out := ran(t, "", "bench", "sign", "--documents", "5", "--large=false", "--pdfsign", "", "--json")
	var r signReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if r.RatioRawToken <= 0 || r.RawTokenMs <= 0 || len(r.Files) != 2 || r.Files[1].Ms <= 0 || r.Verify20Ms <= 0 {
		t.Errorf("%+v", r)
	}
}
