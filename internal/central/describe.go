package central

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// streamed is an operation of which bytes or events pass without being decoded.
// The HTTP library does not serve it and so does not know it: it is described
// here, beside the JSON operations, because who writes another client needs all.
type streamed struct {
	method, path, id, summary string
	headers, queries          []string
	answers                   map[int]string // by status
	media                     string         // of the good answer, "" when it has no body
}

var streamedOperations = []streamed{
	{
		http.MethodHead, "/v1/blobs/{sha256}", "upload-offset", "How much of the user's upload has arrived: Upload-Offset, and Upload-Complete: ?1 when it is whole",
		nil, nil, map[int]string{200: "Known"}, "",
	},
	{
		http.MethodPatch, "/v1/blobs/{sha256}", "upload", "Append the body to the user's upload of the file with this SHA-256",
		[]string{headerOffset, headerLength}, nil, map[int]string{204: "Appended", 409: "Another offset: see Upload-Offset", 413: "Over the limit of a file"}, "",
	},
	{
		http.MethodGet, "/v1/documents/{document}/blobs/{sha256}", "document-file", "A file that the document cites; ranges are served",
		[]string{headerUnit}, nil, map[int]string{200: "The file", 206: "A range of it", 404: "Not there, or not for this unit"}, "application/octet-stream",
	},
	{
		http.MethodGet, "/v1/documents/{document}/reading-copy", "reading-copy", "The via de leitura: content and sheet of signatures, made anew",
		[]string{headerUnit}, nil, map[int]string{200: "The PDF", 404: "Not there, or not for this unit"}, "application/pdf",
	},
	{
		http.MethodGet, "/v1/hints", "hints", "Server-sent events that say which buckets to pull now",
		nil, []string{"unit"}, map[int]string{200: "The stream"}, "text/event-stream",
	},
	{
		http.MethodGet, "/v1/public/verify", "public-verify", "Check a verification pair; no session, attempts are limited",
		nil, []string{"code", "crc"}, map[int]string{200: "What may be told of the pair", 429: "Too many wrong pairs"}, "application/json",
	},
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// describeStreamed adds the operations of plain handlers to the OpenAPI document.
func describeStreamed(api huma.API) {
	for _, s := range streamedOperations {
		op := &huma.Operation{OperationID: s.id, Method: s.method, Path: s.path, Summary: s.summary, Responses: map[string]*huma.Response{}}
		for _, name := range pathParameter.FindAllStringSubmatch(s.path, -1) {
			op.Parameters = append(op.Parameters, textParameter(name[1], "path"))
		}
		for _, name := range s.headers {
			op.Parameters = append(op.Parameters, textParameter(name, "header"))
		}
		for _, name := range s.queries {
			op.Parameters = append(op.Parameters, textParameter(name, "query"))
		}
		for status, words := range s.answers {
			answer := &huma.Response{Description: words}
			if s.media != "" && status < http.StatusMultipleChoices {
				answer.Content = map[string]*huma.MediaType{s.media: {}}
			}
			op.Responses[strconv.Itoa(status)] = answer
		}
		api.OpenAPI().AddOperation(op)
	}
}

func textParameter(name, in string) *huma.Param {
	return &huma.Param{Name: name, In: in, Required: in == "path", Schema: &huma.Schema{Type: huma.TypeString}}
}
