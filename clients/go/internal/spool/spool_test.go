package spool

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// What a reader that knows the page of the format, and nothing of this package, finds in a file.
type foundRow struct {
	key, modelID string
	run          [16]byte
	opening      uint32
	step, at     int64
	value        uint64
	sequence     uint64
}

type foundRecord struct {
	run      [16]byte
	opening  uint32
	kind     uint32
	payload  string
	sequence uint64
}

func readFile(t *testing.T, path string) (rows []foundRow, records []foundRecord, head []byte) {
	t.Helper()
	file, err := os.ReadFile(path)
	must(t, err)
	if string(file[:8]) != "STEPSPOL" || u32(file[8:]) != 1 || u32(file[12:]) != 262_144 || (len(file)-65_536)%262_144 != 0 {
		t.Fatalf("the head is %x of %d bytes", file[:16], len(file))
	}
	for index := range (len(file) - 65_536) / 262_144 {
		extent := file[65_536+index*262_144:][:262_144]
		switch kind := file[2_048+index]; kind {
		case 0:
		case 1:
			records = append(records, readRecords(extent)...)
		case 9, 12, 16:
			for at := 0; at < len(extent); at += 1 << kind {
				rows = append(rows, readChunk(extent[at:at+1<<kind])...)
			}
		default:
			t.Fatalf("extent %d is of kind %d", index, kind)
		}
	}
	return rows, records, file[:65_536]
}

func readChunk(chunk []byte) (rows []foundRow) {
	number := u64(chunk)
	if number == 0 {
		return nil
	}
	key, model := int(binary.LittleEndian.Uint16(chunk[12:])), int(binary.LittleEndian.Uint16(chunk[14:]))
	for at := 32 + (key+model+31)/32*32; at+32 <= len(chunk); at += 32 {
		mark := u64(chunk[at+24:])
		if mark>>40 != number%(1<<24) {
			continue
		}
		rows = append(rows, foundRow{
			key: string(chunk[32 : 32+key]), modelID: string(chunk[32+key : 32+key+model]), run: [16]byte(chunk[16:32]),
			opening: u32(chunk[8:]), step: int64(u64(chunk[at:])), at: int64(u64(chunk[at+8:])), value: u64(chunk[at+16:]),
			sequence: mark & (1<<40 - 1),
		})
	}
	return rows
}

func readRecords(extent []byte) (records []foundRecord) {
	turn := u64(extent) % (1 << 24)
	for at := 32; at+48 <= len(extent) && u64(extent) != 0; {
		record := extent[at:]
		size := int(u32(record[8:]))
		if u64(record)>>40 != turn || size > len(record)-48 {
			break
		}
		if crc32.ChecksumIEEE(append(append([]byte{}, record[16:40]...), record[48:48+size]...)) != u32(record[12:]) {
			break
		}
		records = append(records, foundRecord{[16]byte(record[16:32]), u32(record[32:]), u32(record[36:]), string(record[48 : 48+size]), u64(record) & (1<<40 - 1)})
		at += (48 + size + 15) / 16 * 16
	}
	return records
}

func u32(at []byte) uint32 { return binary.LittleEndian.Uint32(at) }
func u64(at []byte) uint64 { return binary.LittleEndian.Uint64(at) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var run = [16]byte{1, 2, 3}

func newSpool(t *testing.T, bytesMax int64) *Spool {
	t.Helper()
	s, err := New(Options{Folder: t.TempDir(), BytesMax: bytesMax, Owner: Owner{
		ProducerID: [16]byte{0xab, 15: 0xcd}, BootID: "01234567-89ab-cdef-0123-456789abcdef", PidNamespace: 7, Pid: 8, StartTicks: 9,
		ClientName: "go", ClientVersion: "0.1.0",
	}})
	must(t, err)
	t.Cleanup(func() { s.Close(true) })
	return s
}

func scanAll(c *Chunk) (rows int) {
	for _, span := range c.Scan(nil) {
		rows += span.Rows()
	}
	return rows
}

func TestTheFileIsAsThePageOfTheFormatSays(t *testing.T) {
	s := newSpool(t, 1<<28)
	chunk := s.TakeChunk(0, run, 3, "loss/ä", "m-1")
	for step := range int64(5) {
		if !chunk.Put(step, 100+step, float64(step)/2) {
			t.Fatal("no place")
		}
	}
	record, err := s.Append(run, 4, KindParam, []byte("abc"), []byte("defgh"))
	must(t, err)
	_, err = s.Append(run, 4, KindEnd, []byte("end"))
	must(t, err)
	spans := chunk.Scan(nil)
	columns := make([]byte, 3*5*8)
	Span{chunk, 0, 3}.Encode(columns, columns[40:], columns[80:], 77)
	record.MarkSent(77)

	rows, records, head := readFile(t, s.Path())
	if len(rows) != 5 || len(records) != 2 || len(spans) != 1 {
		t.Fatalf("%d rows, %d records, spans %v", len(rows), len(records), spans)
	}
	for step, found := range rows {
		wanted := foundRow{"loss/ä", "m-1", run, 3, int64(step), 100 + int64(step), 0, 0}
		wanted.value = found.value
		if step < 3 {
			wanted.sequence = 77
		}
		if found != wanted {
			t.Errorf("row %d is %+v", step, found)
		}
	}
	if records[0] != (foundRecord{run, 4, 2, "abcdefgh", 77}) || records[1] != (foundRecord{run, 4, 6, "end", 0}) {
		t.Errorf("the records are %+v", records)
	}
	if u64(columns[8:]) != 1 || u64(columns[40+8:]) != 101 || u64(columns[80+8:]) != 0x3fe0000000000000 {
		t.Errorf("the columns are %x", columns)
	}
	name := func(at, length int) string { return string(bytes.TrimRight(head[at:at+length], "\x00")) }
	if head[16] != 0xab || head[31] != 0xcd || name(32, 40) != "01234567-89ab-cdef-0123-456789abcdef" || u64(head[72:]) != 7 || u64(head[80:]) != 8 ||
		u64(head[88:]) != 9 || name(96, 32) != "go" || name(128, 32) != "0.1.0" || u64(head[160:]) != 0 {
		t.Errorf("the head is %x", head[:192])
	}
	if filepath.Base(s.Path()) != "ab0000000000000000000000000000cd.spool" {
		t.Errorf("the file is %s", s.Path())
	}
	if info, err := os.Stat(s.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}

func TestAPlaceThatIsNotFilledHidesNothingBehindIt(t *testing.T) {
	s := newSpool(t, 1<<28)
	chunk := s.TakeChunk(0, run, 1, "loss", "")
	chunk.Put(0, 0, 0)
	// A thread that is in the midst of a call.
	late := chunk.next.Add(1) - 1
	chunk.Put(2, 0, 0)
	if spans := chunk.Scan(nil); len(spans) != 2 || spans[0].Rows()+spans[1].Rows() != 2 {
		t.Fatalf("the spans are %v", spans)
	}
	s.Seal(chunk)
	if chunk.IsScanned() || scanAll(chunk) != 0 {
		t.Fatal("a place is still open")
	}
	row := chunk.place<<9 + 64 + int(late)*32
	binary.LittleEndian.PutUint64(chunk.extent.mem[row+24:], chunk.fresh)
	if scanAll(chunk) != 1 || !chunk.IsScanned() {
		t.Fatal("what was filled late is not found")
	}
}

func TestThreadsGetPlacesOfTheirOwn(t *testing.T) {
	s := newSpool(t, 1<<28)
	chunk := s.TakeChunk(2, run, 1, "loss", "")
	var group sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for number := range int64(4) {
		group.Go(func() {
			mine := 0
			for step := int64(0); chunk.Put(number<<32|step, 0, 0); step++ {
				mine++
			}
			mu.Lock()
			taken += mine
			mu.Unlock()
		})
	}
	group.Wait()
	rows, _, _ := readFile(t, s.Path())
	steps := map[int64]bool{}
	for _, row := range rows {
		steps[row.step] = true
	}
	if taken != int(chunk.capacity) || len(rows) != taken || len(steps) != taken {
		t.Errorf("%d taken of %d, %d rows, %d different", taken, chunk.capacity, len(rows), len(steps))
	}
}

func TestWhatIsAcknowledgedIsTakenIntoUseAgainUnderAnotherNumber(t *testing.T) {
	s := newSpool(t, 1<<28)
	first := s.TakeChunk(0, run, 1, "loss", "")
	for first.Put(1, 1, 1) {
	}
	s.Seal(first)
	s.Acknowledge(first, scanAll(first))
	if rows, _, _ := readFile(t, s.Path()); len(rows) != 0 {
		t.Errorf("%d rows that were given back count", len(rows))
	}
	second := s.TakeChunk(0, run, 2, "acc", "")
	if &first.extent.mem[first.place<<9] != &second.extent.mem[second.place<<9] || first.fresh == second.fresh {
		t.Fatal("it is not the same place")
	}
	second.Put(2, 2, 2)
	if rows, _, _ := readFile(t, s.Path()); len(rows) != 1 || rows[0].key != "acc" || rows[0].opening != 2 {
		t.Errorf("the rows are %v", rows)
	}
	if first.Put(3, 3, 3) {
		t.Error("a thread of yesterday found a place")
	}
}

func TestASpoolThatIsFullTakesEndsAndGoesOnOnceThereIsRoom(t *testing.T) {
	s := newSpool(t, 4_096)
	var chunks []*Chunk
	for index := 0; ; index++ {
		chunk := s.TakeChunk(0, run, 1, fmt.Sprint(index), "")
		if chunk == nil {
			break
		}
		chunk.Put(1, 1, 1)
		chunks = append(chunks, chunk)
	}
	if len(chunks) != 8 {
		t.Fatalf("%d chunks", len(chunks))
	}
	if _, err := s.Append(run, 1, KindTag, []byte("x")); err == nil {
		t.Error("a full spool took a tag")
	}
	if _, err := s.Append(run, 1, KindEnd, []byte("x")); err != nil {
		t.Errorf("a full spool took no end: %v", err)
	}
	if s.TakeChunk(0, run, 1, "more", "") != nil {
		t.Error("there is no room yet")
	}
	// Keys that are not logged to now give up their chunks; the end takes room of one.
	s.Acknowledge(chunks[3], scanAll(chunks[3]))
	s.Acknowledge(chunks[4], scanAll(chunks[4]))
	if s.TakeChunk(0, run, 1, "more", "") == nil {
		t.Error("there is room again")
	}
	if chunks[3].Put(1, 1, 1) {
		t.Error("the chunk is another's")
	}
}

func TestAnEntryThatNoExtentHoldsIsRefused(t *testing.T) {
	s := newSpool(t, 1<<28)
	_, err := s.Append(run, 1, KindTag, make([]byte, PayloadBytesMax))
	must(t, err)
	if _, err := s.Append(run, 1, KindTag, make([]byte, PayloadBytesMax+1)); err == nil {
		t.Error("it was taken")
	}
	_, err = s.Append(run, 1, KindTag, []byte("next"))
	must(t, err)
	if _, records, _ := readFile(t, s.Path()); len(records) != 2 {
		t.Errorf("%d records", len(records))
	}
}

// A volume that is full is met when an extent is made, and what follows is kept in memory.
func TestAFullVolumeIsMetBeforeTheMappingIs(t *testing.T) {
	if os.Getenv("SPOOL_TEST_CHILD") == "" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		child.Env = append(os.Environ(), "SPOOL_TEST_CHILD=1")
		if said, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: HeadBytes + 3*ExtentBytes + 1_000, Max: HeadBytes + 3*ExtentBytes + 1_000}
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	told := 0
	s, err := New(Options{Folder: t.TempDir(), BytesMax: 1 << 28, DiskFull: func(error) { told++ }})
	must(t, err)
	for range 10 {
		if s.TakeChunk(2, run, 1, "loss", "") == nil || s.TakeChunk(0, run, 1, "loss", "") == nil {
			t.Fatal("no room")
		}
		_, err := s.Append(run, 1, KindTag, make([]byte, 100_000))
		must(t, err)
	}
	if _, records, _ := readFile(t, s.Path()); told != 1 || len(records) != 2 {
		t.Errorf("told %d times, %d records in the file", told, len(records))
	}
	s.Close(true)
	limit.Cur = 1_000
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	folder := t.TempDir()
	if _, err := New(Options{Folder: folder, BytesMax: 1 << 28}); err == nil {
		t.Error("a spool was made where there is no room for its head")
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
}
