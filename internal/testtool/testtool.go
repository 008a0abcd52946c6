// Package testtool gives tests the other programs that they ask for a second
// opinion. A test whose program is missing is skipped, but fails on a machine
// where everything must be proved (environment CI=true). Only tests import it.
package testtool

import (
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

// RequirePDFA fails the test unless Apache Preflight takes the file for PDF/A-1b.
// Preflight takes seconds to start.
func RequirePDFA(t testing.TB, path string) {
	t.Helper()
	java := Path(t, "java")
	jars := make([]string, len(preflightJars))
	for i, name := range preflightJars {
		jars[i] = filepath.Join("/usr/share/java", name+".jar")
		if _, err := os.Stat(jars[i]); err != nil {
			missing(t, "Apache Preflight (build/setup.sh test)")
		}
	}
	out, err := exec.Command(java, "-cp", strings.Join(jars, ":"), "org.apache.pdfbox.preflight.Validator_A1b", path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "is a valid PDF/A-1b file") {
		t.Fatalf("Preflight: %v\n%s", err, out)
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
