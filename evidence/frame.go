package evidence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
)

// A day's file is a line of text and then frames. A frame is 36 bytes and a body: for each record
// its length as a uvarint, and the record.
//
//	0   4  "dncF"
//	4   4  how long the body is; all integers are little-endian
//	8   8  where in the file this frame is
//	16  8  up to where the file was acknowledged when this frame was written
//	24  8  the number of its first record
//	32  4  CRC-32C of the bytes before and of the body
const (
	frameMagic = "dncF"
	frameSize  = 36
	wantBody   = 256 << 10               // a frame is closed when it has so many bytes
	maxBody    = wantBody + maxLeaf + 16 // and never has more than these
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type frame struct {
	offset, synced, first int64
	body                  []byte
}

// appendFrames appends records as frames. offset is where in the file dst begins, first the number
// of the first record.
func appendFrames(dst []byte, offset, first int64, leaves [][]byte) []byte {
	begin, room := len(dst), 0
	for _, leaf := range leaves {
		room += len(leaf) + binary.MaxVarintLen32
	}
	dst = slices.Grow(dst, room+(room/wantBody+1)*frameSize)
	for len(leaves) > 0 {
		at := len(dst)
		dst = append(dst, make([]byte, frameSize)...)
		n := 0
		for n < len(leaves) && (n == 0 || len(dst)-at < wantBody) {
			dst = binary.AppendUvarint(dst, uint64(len(leaves[n])))
			dst = append(dst, leaves[n]...)
			n++
		}
		h := dst[at:]
		copy(h, frameMagic)
		le := binary.LittleEndian
		le.PutUint32(h[4:], uint32(len(h)-frameSize))         //nolint:gosec // at most maxBody
		le.PutUint64(h[8:], uint64(offset+int64(at-begin)))   //nolint:gosec // above 0
		le.PutUint64(h[16:], uint64(offset))                  //nolint:gosec // above 0
		le.PutUint64(h[24:], uint64(first))                   //nolint:gosec // above 0
		le.PutUint32(h[32:], frameSum(h[:32], h[frameSize:])) // last: it is of all others
		first += int64(n)
		leaves = leaves[n:]
	}
	return dst
}

func frameSum(header, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(header, castagnoli), castagnoli, body)
}

var errFrame = errors.New("a frame is damaged or not whole")

// readFrame reads the frame at an offset, into buf where that is large enough. At the end of the
// file the error is io.EOF, and errFrame where there is no whole, sound frame.
func readFrame(f io.ReaderAt, offset int64, buf []byte) (frame, error) {
	var h [frameSize]byte
	switch n, err := f.ReadAt(h[:], offset); {
	case n == 0 && errors.Is(err, io.EOF):
		return frame{}, io.EOF
	case n < frameSize && errors.Is(err, io.EOF):
		return frame{}, errFrame
	case n < frameSize:
		return frame{}, err
	}
	le := binary.LittleEndian
	size := le.Uint32(h[4:])
	if string(h[:4]) != frameMagic || size > maxBody {
		return frame{}, errFrame
	}
	if uint32(cap(buf)) < size { //nolint:gosec // at most maxBody
		buf = make([]byte, size)
	}
	body := buf[:size]
	if n, err := f.ReadAt(body, offset+frameSize); n < len(body) {
		if errors.Is(err, io.EOF) {
			return frame{}, errFrame
		}
		return frame{}, err
	}
	fr := frame{int64(le.Uint64(h[8:])), int64(le.Uint64(h[16:])), int64(le.Uint64(h[24:])), body} //nolint:gosec // compared below
	if le.Uint32(h[32:]) != frameSum(h[:32], body) || fr.offset != offset || fr.synced < 0 || fr.synced > offset || fr.first < 0 {
		return frame{}, errFrame
	}
	return fr, nil
}

// each calls f with each record of a frame.
func (fr *frame) each(f func(index int64, record []byte) error) error {
	rest, index := fr.body, fr.first
	for len(rest) > 0 {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) { //nolint:gosec // n is at most len(rest)
			return errFrame
		}
		if err := f(index, rest[n:n+int(size)]); err != nil { //nolint:gosec // at most len(rest)
			return err
		}
		rest = rest[n+int(size):] //nolint:gosec // at most len(rest)
		index++
	}
	return nil
}

// scan calls f with each record from an offset on, and returns where the sound frames end. The
// error is errFrame, by errors.Is, where they end before the file does, or where their numbers do
// not follow from next.
func scan(file io.ReaderAt, offset, next int64, f func(index int64, record []byte) error) (end int64, err error) {
	var buf []byte
	for {
		fr, err := readFrame(file, offset, buf)
		if errors.Is(err, io.EOF) {
			return offset, nil
		}
		if err != nil {
			return offset, err
		}
		if fr.first != next {
			return offset, fmt.Errorf("%w: it begins with record %d in place of %d", errFrame, fr.first, next)
		}
		buf = fr.body[:0]
		count := int64(0)
		err = fr.each(func(index int64, record []byte) error {
			count++
			return f(index, record)
		})
		if err != nil {
			return offset, err
		}
		offset += int64(frameSize + len(fr.body))
		next += count
	}
}

// acknowledgedAfter reports whether a sound frame behind an offset says that the file was
// acknowledged beyond it. Then what is at the offset was whole once.
func acknowledgedAfter(file *os.File, offset int64) (bool, error) {
	const window = 1 << 20
	buf := make([]byte, window)
	for at := offset + 1; ; at += window - int64(len(frameMagic)) {
		n, err := file.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		for i := 0; i+len(frameMagic) <= n; i++ {
			if string(buf[i:i+len(frameMagic)]) != frameMagic {
				continue
			}
			switch fr, err := readFrame(file, at+int64(i), nil); {
			case err == nil && fr.synced > offset:
				return true, nil
			case err != nil && !errors.Is(err, errFrame) && !errors.Is(err, io.EOF):
				return false, err
			}
		}
		if n < window {
			return false, nil
		}
	}
}
