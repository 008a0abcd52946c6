// Package holder reads who holds a certificate: a person or a company, by the
// fields that ICP-Brasil's certificates carry (DOC-ICP-04, 7.1.2.3 and 7.1.4)
// and, since Resolução CG ICP-Brasil 211, by the subject's serialNumber alone.
//
// What a certificate says is believed only as far as its chain is: nothing here
// judges that. A field that cannot be read is left empty, because a list of
// certificates or a report must not fail on one of them.
package holder
