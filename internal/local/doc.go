// Package local is the workstation's store: what the central sent, what waits
// to be sent, drafts, files, the search index and the secrets, for one user of
// one central, in one folder.
//
// A [Store] is opened locked. Lists and metadata can be read then; texts, the
// outbox's contents, files and the workstation's key need [Store.Unlock].
//
// Every exported method is one transaction: after an error nothing of it has
// happened, after success it survives a power cut. Methods may be called from
// several goroutines. Failures that the servant can do something about are
// [sei.Error]s; see the codes in errors.go and DESIGN.md for the forms.
package local
