// Package spool keeps what log calls take in a file that is mapped into memory, so that the kernel has it once a call
// returned, whatever becomes of the process. docs/decisions/0014-spool.md has the format.
//
// What is written where, and in which order, is all that a daemon has to go by when this process is gone:
//
//   - A row or a record counts once its mark has the turn of its chunk, and the mark is stored last.
//   - The sequence of a batch stands in the marks of all that is in it before it is sent.
//   - What is acknowledged is taken into use again: the number is cleared first and written last, with zeros between.
//
// Where no file can be made, the same structure lies in the process's own memory.
package spool

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/stepwell/stepwell/clients/go/internal/fault"
)

// HeadBytes and the others are the format's.
const (
	HeadBytes   = 65_536
	ExtentBytes = 262_144
	ExtentsMax  = 1_024
	RowBytes    = 32

	version          = 1
	tableOffset      = 2_048
	recordHeadBytes  = 48
	recordsBegin     = 32
	chunkHeadBytes   = 32
	kindUnused       = 0
	kindRecords      = 1
	turnBits         = 24
	sequenceBits     = 40
	sequenceMask     = 1<<sequenceBits - 1
	payloadBytesMax  = ExtentBytes - recordsBegin - recordHeadBytes
	nameBytes        = 32
	smallestRowCount = 4
)

// The rest is for ends of runs, which a full spool takes, too.
const extentsForEntries = ExtentsMax - 8

// PayloadBytesMax is the most that one record holds.
const PayloadBytesMax = payloadBytesMax

// The classes of chunks, as powers of two: a key that is logged to often gets larger ones.
var classes = [...]byte{9, 12, 16}

// Kind says what a record holds.
type Kind uint32

// The kinds of records.
const (
	KindStart      Kind = 1
	KindParam      Kind = 2
	KindSeries     Kind = 3
	KindRemovedTag Kind = 4
	KindTag        Kind = 5
	KindEnd        Kind = 6
)

// Owner says whose the spool is.
type Owner struct {
	ProducerID    [16]byte
	BootID        string
	PidNamespace  uint64
	Pid           uint64
	StartTicks    uint64
	ClientName    string
	ClientVersion string
}

// Spool is one producer's. Any thread appends; one thread sends.
type Spool struct {
	mu   sync.Mutex
	file *os.File
	path string
	// The mapped head; nil in memory.
	head []byte
	// Bytes of chunks and records in use, and their bound.
	used, bytesMax int64
	extents        []*extent
	unused         []*extent
	// By class: extents that have a free chunk.
	open [len(classes)][]*extent
	// Chunks in use, for what is taken back when nothing is left.
	chunks map[*Chunk]struct{}
	number uint64
	// The extent that records are appended to.
	records *extent
	// Called once, when the disk takes no more and memory is used in its place.
	diskFull    func(error)
	hasDiskTold bool
	isClosed    bool
}

type extent struct {
	mem   []byte
	index int
	kind  byte
	// Whether it is in the file, and was used before.
	isMapped bool
	isUsed   bool
	// Chunks: those that are free. Records: the end of what is written, and how many are not released.
	free   []int
	isOpen bool
	number uint64
	end    int
	held   int
}

// Options for a spool.
type Options struct {
	// Folder of the spools; empty: in memory.
	Folder string
	Owner  Owner
	// BytesMax of chunks and records; the file has 256 MiB at most.
	BytesMax int64
	// DiskFull is called when the volume takes no more, and what follows is kept in memory.
	DiskFull func(error)
}

// New makes a spool. Where the folder takes none the error says why; a spool in memory can't fail.
func New(options Options) (*Spool, error) {
	s := &Spool{
		bytesMax: options.BytesMax,
		chunks:   map[*Chunk]struct{}{},
		diskFull: options.DiskFull,
	}
	if options.Folder == "" {
		s.head = allocate(HeadBytes)
		return s, nil
	}
	if err := s.make(options.Folder, options.Owner); err != nil {
		s.drop()
		return nil, err
	}
	return s, nil
}

func (s *Spool) make(folder string, owner Owner) error {
	if !isMappable {
		return errNoMapping
	}
	path := filepath.Join(folder, hexOf(owner.ProducerID[:])+".spool")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	s.file, s.path = file, path
	if err := s.writeHead(owner); err != nil {
		return err
	}
	// The first extents: a volume that is full is met here, where memory can still take the whole spool's place.
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 2 {
		e, err := s.mapNext()
		if err != nil {
			return err
		}
		s.unused = append(s.unused, e)
	}
	return nil
}

func (s *Spool) writeHead(owner Owner) error {
	head := make([]byte, HeadBytes)
	copy(head, "STEPSPOL")
	binary.LittleEndian.PutUint32(head[8:], version)
	binary.LittleEndian.PutUint32(head[12:], ExtentBytes)
	copy(head[16:32], owner.ProducerID[:])
	copy(head[32:72], owner.BootID)
	binary.LittleEndian.PutUint64(head[72:], owner.PidNamespace)
	binary.LittleEndian.PutUint64(head[80:], owner.Pid)
	binary.LittleEndian.PutUint64(head[88:], owner.StartTicks)
	copy(head[96:96+nameBytes], owner.ClientName)
	copy(head[128:128+nameBytes], owner.ClientVersion)
	if _, err := s.file.WriteAt(head, 0); err != nil {
		return err
	}
	mapped, err := mapFile(s.file, 0, HeadBytes)
	if err != nil {
		return err
	}
	s.head = mapped
	return nil
}

// MakeFolder makes the folder of the spools, for this user alone.
func MakeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(folder)
	if err == nil && !info.IsDir() {
		err = errNoFolder
	}
	return err
}

var errNoFolder = errors.New("its spool is no folder")

// PendingRows counts those that are logged and not acknowledged.
func (s *Spool) PendingRows() (rows int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for chunk := range s.chunks {
		rows += int64(chunk.Pending())
	}
	return rows
}

// IsDurable says whether the spool is a file.
func (s *Spool) IsDurable() bool { return s.file != nil }

// Path of the file, or an empty text.
func (s *Spool) Path() string { return s.path }

// nextNumber skips those whose turn would be 0.
func (s *Spool) nextNumber() (number, turn uint64) {
	s.number++
	if s.number%(1<<turnBits) == 0 {
		s.number++
	}
	return s.number, s.number % (1 << turnBits)
}

// mapNext makes the next extent: zeros are written first, so that a full disk is met here.
func (s *Spool) mapNext() (*extent, error) {
	index := len(s.extents)
	e := &extent{index: index}
	if s.file != nil && !s.hasDiskTold {
		offset := int64(HeadBytes) + int64(index)*ExtentBytes
		_, err := s.file.WriteAt(zeros[:], offset)
		if err == nil {
			e.mem, err = mapFile(s.file, offset, ExtentBytes)
		}
		if err != nil {
			if index < 2 {
				return nil, err
			}
			s.hasDiskTold = true
			// What was written of it is given back.
			_ = s.file.Truncate(offset)
			if s.diskFull != nil {
				s.diskFull(err)
			}
		} else {
			e.isMapped = true
		}
	}
	if e.mem == nil {
		e.mem = allocate(ExtentBytes)
	}
	s.extents = append(s.extents, e)
	return e, nil
}

var zeros [ExtentBytes]byte

// takeExtent answers one that is all zeros and marks its kind; nil: there is none.
func (s *Spool) takeExtent(kind byte, extentsMax int) *extent {
	var e *extent
	if n := len(s.unused); n > 0 {
		e, s.unused = s.unused[n-1], s.unused[:n-1]
	} else if len(s.extents) < extentsMax {
		// Once the first ones are there, it does not fail.
		e, _ = s.mapNext()
	}
	if e == nil {
		return nil
	}
	if e.isUsed {
		clear(e.mem)
	}
	e.isUsed = true
	s.setKind(e, kind)
	return e
}

func (s *Spool) setKind(e *extent, kind byte) {
	e.kind = kind
	if e.isMapped {
		s.head[tableOffset+e.index] = kind
	}
}

func (s *Spool) giveBack(e *extent) {
	s.setKind(e, kindUnused)
	e.free, e.isOpen = nil, false
	s.unused = append(s.unused, e)
}

// Close takes the mapping away, and the file with it if it is done. No thread may log any more.
func (s *Spool) Close(isDone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return
	}
	s.isClosed = true
	// Where a call has not stored its point yet, the mapping stays until the process ends.
	if isDone && len(s.chunks) == 0 {
		s.drop()
		return
	}
	if isDone && s.file != nil {
		_ = os.Remove(s.path)
	}
	// A thread may be in the midst of a call: the mapping stays, and the file, for the daemon.
	if s.file != nil {
		_ = s.file.Close()
	}
}

func (s *Spool) drop() {
	if s.file != nil {
		_ = os.Remove(s.path)
		_ = s.file.Close()
	}
	for _, e := range s.extents {
		unmap(e.mem)
		e.mem = nil
	}
	if s.head != nil {
		unmap(s.head)
		s.head = nil
	}
}

// UsedBytes is what chunks and records in use take.
func (s *Spool) UsedBytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// Append writes a record; the parts are its payload. It answers nil and STEPWELL_BUFFER_FULL where no room is
// left, and STEPWELL_ENTRY_TOO_LARGE for one that fits into no extent.
func (s *Spool) Append(runID [16]byte, opening uint32, kind Kind, parts ...[]byte) (*Record, error) {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	if size > payloadBytesMax {
		return nil, fault.New("STEPWELL_ENTRY_TOO_LARGE", "An entry of %d bytes fits into no message.", size)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return nil, fault.New("STEPWELL_CLIENT_CLOSED", "The client is closed.")
	}
	bytes := int64((recordHeadBytes + size + 15) &^ 15)
	if kind != KindEnd && s.used+bytes > s.bytesMax && (!s.reclaim() || s.used+bytes > s.bytesMax) {
		return nil, full()
	}
	e := s.records
	if e == nil || e.end+recordHeadBytes+size > ExtentBytes {
		next := s.takeRecords(kind)
		if next == nil {
			return nil, full()
		}
		s.records = next
		if e != nil && e.held == 0 {
			s.giveBack(e)
		}
		e = next
	}
	at := e.end
	body := e.mem[at : at+recordHeadBytes+size]
	binary.LittleEndian.PutUint32(body[8:], uint32(size))
	copy(body[16:32], runID[:])
	binary.LittleEndian.PutUint32(body[32:], opening)
	binary.LittleEndian.PutUint32(body[36:], uint32(kind))
	payload := body[recordHeadBytes:]
	filled := 0
	for _, part := range parts {
		filled += copy(payload[filled:], part)
	}
	sum := crc32.Update(crc32.ChecksumIEEE(body[16:40]), crc32.IEEETable, payload)
	binary.LittleEndian.PutUint32(body[12:], sum)
	record := &Record{
		Kind:    kind,
		Payload: payload,
		extent:  e,
		turn:    e.number % (1 << turnBits),
		mark:    (*uint64)(unsafe.Pointer(&body[0])),
	}
	atomic.StoreUint64(record.mark, record.turn<<sequenceBits)
	e.end = at + int(bytes)
	e.held++
	s.used += bytes
	return record, nil
}

func (s *Spool) takeRecords(kind Kind) *extent {
	extentsMax := extentsForEntries
	if kind == KindEnd {
		extentsMax = ExtentsMax
	}
	e := s.takeExtent(kindRecords, extentsMax)
	if e == nil && s.reclaim() {
		e = s.takeExtent(kindRecords, extentsMax)
	}
	if e == nil {
		return nil
	}
	e.number, _ = s.nextNumber()
	e.end, e.held = recordsBegin, 0
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&e.mem[0])), e.number)
	return e
}

// Record is one that waits to be acknowledged.
type Record struct {
	Kind    Kind
	Payload []byte
	// Name is the key that it is of, for what is told of a refusal; Points counts those of a series.
	Name   string
	Points int
	extent *extent
	turn   uint64
	mark   *uint64
}

// MarkSent notes the sequence of the batch that it is in.
func (r *Record) MarkSent(sequence uint64) {
	atomic.StoreUint64(r.mark, r.turn<<sequenceBits|sequence&sequenceMask)
}

// ReleaseRecord takes the room of one that is acknowledged.
func (s *Spool) ReleaseRecord(r *Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := r.extent
	s.used -= int64((recordHeadBytes + len(r.Payload) + 15) &^ 15)
	e.held--
	if e.held == 0 && e != s.records {
		s.giveBack(e)
	}
}

func full() error {
	return fault.New("STEPWELL_BUFFER_FULL", "The spool is full: what is logged from now on is dropped.")
}

func hexOf(bytes []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(bytes))
	for _, each := range bytes {
		out = append(out, digits[each>>4], digits[each&15])
	}
	return string(out)
}
