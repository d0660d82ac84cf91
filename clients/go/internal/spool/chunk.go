package spool

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// Chunk holds rows of one key. Threads reserve places by an atomic add; the mark of a row is stored last.
type Chunk struct {
	rows     unsafe.Pointer
	capacity uint32
	// The mark of a row that is not sent.
	fresh  uint64
	class  int
	place  int
	extent *extent

	// The next place. Beyond the capacity: full, or sealed. On a cache line of its own.
	_    [64]byte
	next atomic.Uint32
	_    [60]byte

	// How many rows there will ever be, once nobody can reserve one; else -1.
	total atomic.Int32
	// Rows that are acknowledged.
	acked   atomic.Int32
	isFreed atomic.Bool

	// The sending thread's: places before this one were looked at, and those among them that were not filled yet.
	scanned uint32
	holes   []uint32
}

// sealed is far above each capacity, and far below where adding would wrap.
const sealed = 1 << 30

// Put writes a row. It answers false where no place is left.
func (c *Chunk) Put(step, timestampMs int64, value float64) bool {
	place := c.next.Add(1) - 1
	if place >= c.capacity {
		return false
	}
	row := unsafe.Add(c.rows, uintptr(place)*RowBytes)
	*(*int64)(row) = step
	*(*int64)(unsafe.Add(row, 8)) = timestampMs
	*(*float64)(unsafe.Add(row, 16)) = value
	atomic.StoreUint64((*uint64)(unsafe.Add(row, 24)), c.fresh)
	return true
}

// TakeChunk makes a chunk for a key: of that size, an index of its class, if there is room, else of another one. It
// answers nil where there is none.
func (s *Spool) TakeChunk(size int, runID [16]byte, opening uint32, key, modelID string) *Chunk {
	begin := chunkHeadBytes + (len(key)+len(modelID)+31)&^31
	smallest := 0
	for begin+smallestRowCount*RowBytes > 1<<classes[smallest] {
		smallest++
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return nil
	}
	size = max(size, smallest)
	e, found := s.roomFor(size, smallest)
	if e == nil && s.reclaim() {
		e, found = s.roomFor(size, smallest)
	}
	if e == nil {
		return nil
	}
	size = found
	place := e.free[len(e.free)-1]
	e.free = e.free[:len(e.free)-1]
	if len(e.free) == 0 {
		s.shut(e, size)
	}
	bytes := 1 << classes[size]
	mem := e.mem[place*bytes : (place+1)*bytes : (place+1)*bytes]
	numberAt := (*uint64)(unsafe.Pointer(&mem[0]))
	if mem[8]|mem[9]|mem[10]|mem[11] != 0 {
		// An opening: it was in use before.
		clear(mem)
	}
	number, turn := s.nextNumber()
	binary.LittleEndian.PutUint32(mem[8:], opening)
	binary.LittleEndian.PutUint16(mem[12:], uint16(len(key)))
	binary.LittleEndian.PutUint16(mem[14:], uint16(len(modelID)))
	copy(mem[16:32], runID[:])
	copy(mem[chunkHeadBytes:], key)
	copy(mem[chunkHeadBytes+len(key):], modelID)
	atomic.StoreUint64(numberAt, number)
	chunk := &Chunk{
		rows:     unsafe.Pointer(&mem[begin]),
		capacity: uint32((bytes - begin) / RowBytes),
		fresh:    turn << sequenceBits,
		class:    size,
		place:    place,
		extent:   e,
	}
	chunk.total.Store(-1)
	s.chunks[chunk] = struct{}{}
	s.used += int64(bytes)
	return chunk
}

// NextSize is the class of the chunk after this one.
func (c *Chunk) NextSize() int { return min(c.class+1, len(classes)-1) }

// roomFor answers an extent with a free chunk of that size, else of the largest that there is.
func (s *Spool) roomFor(size, smallest int) (*extent, int) {
	for _, each := range [...]int{size, 2, 1, 0} {
		if each < smallest || s.used+1<<classes[each] > s.bytesMax {
			continue
		}
		if e := s.extentWithFree(each); e != nil {
			return e, each
		}
	}
	return nil, 0
}

func (s *Spool) extentWithFree(size int) *extent {
	if open := s.open[size]; len(open) > 0 {
		return open[len(open)-1]
	}
	e := s.takeExtent(classes[size], extentsForEntries)
	if e == nil {
		return nil
	}
	count := ExtentBytes >> classes[size]
	e.free = make([]int, 0, count)
	for place := count - 1; place >= 0; place-- {
		e.free = append(e.free, place)
	}
	e.isOpen = true
	s.open[size] = append(s.open[size], e)
	return e
}

// shut takes an extent out of those with a free chunk.
func (s *Spool) shut(e *extent, size int) {
	open := s.open[size]
	for index := len(open) - 1; index >= 0; index-- {
		if open[index] == e {
			s.open[size] = append(open[:index], open[index+1:]...)
			break
		}
	}
	e.isOpen = false
}

// reclaim frees chunks that are in use and hold nothing that is not acknowledged: keys that are not logged now.
func (s *Spool) reclaim() bool {
	freed := false
	for chunk := range s.chunks {
		taken := chunk.next.Load()
		if taken < chunk.capacity && uint32(chunk.acked.Load()) == taken && chunk.next.CompareAndSwap(taken, sealed) {
			chunk.total.Store(int32(taken))
			freed = s.free(chunk) || freed
		}
	}
	return freed
}

// Seal lets nobody reserve a place any more. It must not be called twice at once.
func (s *Spool) Seal(c *Chunk) {
	if c.total.Load() >= 0 {
		return
	}
	taken := c.next.Swap(sealed)
	if taken >= sealed {
		// reclaim was first.
		return
	}
	c.total.Store(int32(min(taken, c.capacity)))
	s.freeIfDone(c)
}

// IsFull says whether no place is left.
func (c *Chunk) IsFull() bool { return c.next.Load() >= c.capacity }

// IsSealed says whether nobody can reserve a place.
func (c *Chunk) IsSealed() bool { return c.total.Load() >= 0 }

// IsScanned says whether the sending thread has all that will ever be in it.
func (c *Chunk) IsScanned() bool {
	total := c.total.Load()
	return total >= 0 && c.scanned >= uint32(total) && len(c.holes) == 0
}

// Pending is how many rows are reserved and not acknowledged.
func (c *Chunk) Pending() int {
	taken := c.total.Load()
	if taken < 0 {
		taken = int32(min(c.next.Load(), c.capacity))
	}
	return int(max(taken-c.acked.Load(), 0))
}

// Acknowledge counts rows that the daemon has.
func (s *Spool) Acknowledge(c *Chunk, rows int) {
	c.acked.Add(int32(rows))
	s.freeIfDone(c)
}

func (s *Spool) freeIfDone(c *Chunk) {
	if total := c.total.Load(); total >= 0 && c.acked.Load() == total {
		s.mu.Lock()
		s.free(c)
		s.mu.Unlock()
	}
}

func (s *Spool) free(c *Chunk) bool {
	if s.isClosed || !c.isFreed.CompareAndSwap(false, true) {
		return false
	}
	delete(s.chunks, c)
	s.used -= 1 << classes[c.class]
	e := c.extent
	// Its rows count no more, whoever takes the place next.
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&e.mem[c.place<<classes[c.class]])), 0)
	e.free = append(e.free, c.place)
	if !e.isOpen {
		e.isOpen = true
		s.open[c.class] = append(s.open[c.class], e)
	}
	// The last extent of a class stays one: what is freed is often taken at once.
	if len(e.free) == ExtentBytes>>classes[c.class] && len(s.open[c.class]) > 1 {
		s.shut(e, c.class)
		s.giveBack(e)
	}
	return true
}

// Span is a stretch of rows that are filled.
type Span struct {
	Chunk    *Chunk
	From, To uint32
}

// Rows of the span.
func (s Span) Rows() int { return int(s.To - s.From) }

// Scan appends the stretches that were filled since the last look. For the sending thread alone.
func (c *Chunk) Scan(spans []Span) []Span {
	if len(c.holes) > 0 {
		left := c.holes[:0]
		for _, place := range c.holes {
			if c.isFilled(place) {
				spans = append(spans, Span{c, place, place + 1})
			} else {
				left = append(left, place)
			}
		}
		c.holes = left
	}
	end := min(c.next.Load(), c.capacity)
	if total := c.total.Load(); total >= 0 {
		end = uint32(total)
	}
	from := c.scanned
	for place := from; place < end; place++ {
		if c.isFilled(place) {
			continue
		}
		if place > from {
			spans = append(spans, Span{c, from, place})
		}
		c.holes = append(c.holes, place)
		from = place + 1
	}
	if end > from {
		spans = append(spans, Span{c, from, end})
	}
	c.scanned = max(c.scanned, end)
	return spans
}

func (c *Chunk) isFilled(place uint32) bool {
	return atomic.LoadUint64((*uint64)(unsafe.Add(c.rows, uintptr(place)*RowBytes+24)))>>sequenceBits == c.fresh>>sequenceBits
}

// Encode writes the span's rows into three columns of 8 bytes a row, and notes the sequence in the rows' marks.
func (s Span) Encode(steps, timestamps, values []byte, sequence uint64) {
	mark := s.Chunk.fresh | sequence&sequenceMask
	row := unsafe.Add(s.Chunk.rows, uintptr(s.From)*RowBytes)
	count := int(s.To-s.From) * 8
	steps, timestamps, values = steps[:count], timestamps[:count], values[:count]
	for at := 0; at < count; at += 8 {
		binary.LittleEndian.PutUint64(steps[at:at+8], *(*uint64)(row))
		binary.LittleEndian.PutUint64(timestamps[at:at+8], *(*uint64)(unsafe.Add(row, 8)))
		binary.LittleEndian.PutUint64(values[at:at+8], *(*uint64)(unsafe.Add(row, 16)))
		*(*uint64)(unsafe.Add(row, 24)) = mark
		row = unsafe.Add(row, RowBytes)
	}
}
