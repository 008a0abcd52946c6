package pades

// Limits on what one file may cost. A file beyond them is refused with
// CodeTooComplex; none of them is near what real documents need.
const (
	maxDepth        = 64        // nesting of arrays and dictionaries
	maxElements     = 1 << 20   // elements inside one indirect object
	maxStringBytes  = 8 << 20   // one string, decoded
	maxObjectBytes  = 32 << 20  // strings and names of one indirect object together
	maxNameBytes    = 4 << 10   // one name
	maxObjects      = 2 << 20   // cross-reference entries of a file, all revisions
	maxSections     = 600       // cross-reference sections (revisions)
	maxDecoded      = 64 << 20  // one decoded cross-reference or object stream
	maxDecodedTotal = 512 << 20 // all decoded streams of one operation
	maxCachedStream = 24 << 20  // decoded object streams kept in memory
	maxSignatures   = 256       // signatures judged in one file
	maxFields       = 100_000   // form fields visited
	maxPages        = 500_000   // page tree nodes visited
	maxCMSBytes     = 4 << 20   // one CMS
	maxCMSCerts     = 64        // certificates inside one CMS
	tailWindow      = 2048      // where the last startxref is looked for
	copyBuffer      = 256 << 10 // streaming buffer
)
