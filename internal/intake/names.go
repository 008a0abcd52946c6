package intake

import (
	"path/filepath"
	"strings"
)

// passing are the suffixes under which programs write what they will rename when
// it is complete.
var passing = []string{
	".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".opdownload",
	".filepart", ".swp", ".lock", ".bak", "~",
}

// ignored tells the names that are never a document put there to be filed:
// hidden files, other programs' temporary ones, and what the system leaves in
// every folder.
func ignored(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "desktop.ini", "thumbs.db", "ehthumbs.db":
		return true
	}
	if strings.HasPrefix(lower, ".") || strings.HasPrefix(lower, "~") {
		return true
	}
	for _, suffix := range passing {
		if strings.HasSuffix(lower, suffix) {
			return true
		}
	}
	return false
}

func isPDFName(name string) bool {
	return strings.EqualFold(filepath.Ext(name), ".pdf")
}
