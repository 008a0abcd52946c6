package desktop

import (
	"encoding/json"
	"testing"

	"github.com/sei-rs/sei-rs-desktop/internal/sei"
)

func TestAFailureReachesTheWindowAsText(t *testing.T) {
	text, ok := windowError(sei.Errorf("login.wrong", "Órgão, usuário ou senha não conferem.")).(string)
	if !ok {
		t.Fatal("the bindings make an Error of the failure: only a text arrives whole")
	}
	var v ErrorView
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if v.Code != "login.wrong" || v.Message != "Órgão, usuário ou senha não conferem." {
		t.Errorf("the window is told %+v", v)
	}
}
