package pkcs11

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxFrame bounds a message between the program and its worker: some dozens of
// certificates fit, a runaway driver's garbage does not.
const maxFrame = 1 << 20

var errFrame = errors.New("malformed message from the driver's process")

// A frame is: total length (4 bytes, big endian), length of the JSON head
// (4 bytes), head, blob. The blob carries what must not be copied by an encoder
// (the PIN, so that it can be zeroed) or is binary anyway (digest, signature).
func writeFrame(w io.Writer, head any, blob []byte) error {
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", err)
	}
	total := 4 + len(text) + len(blob)
	if total > maxFrame {
		return fmt.Errorf("encoding a message: %d bytes are over the limit", total)
	}
	frame := make([]byte, 0, 4+total)
	frame = binary.BigEndian.AppendUint32(frame, uint32(total))
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(text)))
	frame = append(append(frame, text...), blob...)
	_, err = w.Write(frame)
	clear(frame)
	return err
}

// readFrame decodes the head into head and returns the blob, which the caller
// owns. io.EOF means that the other side closed between two messages.
func readFrame(r io.Reader, head any) ([]byte, error) {
	var lengths [8]byte
	if _, err := io.ReadFull(r, lengths[:4]); err != nil {
		return nil, err
	}
	total := binary.BigEndian.Uint32(lengths[:4])
	if total < 4 || total > maxFrame {
		return nil, errFrame
	}
	if _, err := io.ReadFull(r, lengths[4:]); err != nil {
		return nil, unexpected(err)
	}
	headLength := binary.BigEndian.Uint32(lengths[4:])
	if headLength > total-4 {
		return nil, errFrame
	}
	text, blob := make([]byte, headLength), make([]byte, total-4-headLength)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, unexpected(err)
	}
	if _, err := io.ReadFull(r, blob); err != nil {
		clear(blob)
		return nil, unexpected(err)
	}
	if err := json.Unmarshal(text, head); err != nil {
		clear(blob)
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	return blob, nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
