// Package testtool gives tests the other programs that they ask for a second
// opinion. A test whose program is missing is skipped, but fails on a machine
// where everything must be proved (environment CI=true). Only tests import it.
package testtool

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Path is the path of an installed program.
func Path(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		missing(t, program)
	}
	return path
}

// preflightJars are Apache Preflight and what it needs, as Debian installs them
// with libpdfbox2-java, libcommons-io-java, libjaxb-api-java and
// libactivation-java: the last three are not among the first one's dependencies.
var preflightJars = []string{"preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io", "javax.activation", "jaxb-api"}

// RequirePDFA fails the test unless Apache Preflight takes every file for
// PDF/A-1b. It takes seconds to start: give it many files at once.
func RequirePDFA(t testing.TB, paths ...string) {
	t.Helper()
	if len(paths) == 0 {
		return
	}
	java := Path(t, "java")
	jars := make([]string, len(preflightJars))
	for i, name := range preflightJars {
		jars[i] = filepath.Join("/usr/share/java", name+".jar")
		if _, err := os.Stat(jars[i]); err != nil {
			missing(t, "Apache Preflight (libpdfbox2-java)")
		}
	}
	word := "is a valid PDF/A-1b file"
	args := []string{"-cp", strings.Join(jars, ":"), "org.apache.pdfbox.preflight.Validator_A1b"}
	if len(paths) > 1 {
		list := filepath.Join(t.TempDir(), "files")
		if err := os.WriteFile(list, []byte(strings.Join(paths, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args, word = append(args, "xml", "group", list), ">true</isValid>"
	} else {
		args = append(args, paths...)
	}
	out, err := exec.Command(java, args...).CombinedOutput()
	if len(paths) > 1 {
		// Its report of a group stands beside the list.
		report, readErr := os.ReadFile(args[len(args)-1] + ".preflight.xml")
		out, err = append(out, report...), errors.Join(err, readErr)
	}
	if n := strings.Count(string(out), word); err != nil || n != len(paths) {
		t.Fatalf("Preflight takes %d of %d files: %v\n%s", n, len(paths), err, out)
	}
}

func missing(t testing.TB, what string) {
	t.Helper()
	// The tests of Windows run under wine, where these programs are not.
	if os.Getenv("CI") == "true" && runtime.GOOS != "windows" {
		t.Fatalf("%s is not installed and this machine must have it", what)
	}
	t.Skipf("%s is not installed", what)
}
