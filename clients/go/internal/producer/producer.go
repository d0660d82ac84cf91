// Package producer is one client's identity towards the daemon: its spool, what waits in it, and the thread that sends.
package producer

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/contract"
	"github.com/stepwell/stepwell/clients/go/internal/daemon"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/spool"
	"github.com/stepwell/stepwell/clients/go/internal/wire"
)

// Settings of a producer.
type Settings struct {
	Finder        *daemon.Finder
	ClientName    string
	ClientVersion string
	// BufferBytesMax bounds what the daemon has not acknowledged.
	BufferBytesMax int64
	// Warn is told what the program should know though no call failed.
	Warn func(*fault.Error)
}

// Stats counts entries: points, params and tags.
type Stats struct {
	Sent, Acknowledged, Rejected, Dropped, Connects uint64
	Pending                                         int64
	PendingBytes                                    int64
}

// Producer is one. It sends from its first entry until Close.
type Producer struct {
	settings Settings
	id       [16]byte
	spool    *spool.Spool

	sent, acknowledged, rejected, dropped, connects atomic.Uint64
	hasDropTold                                     atomic.Bool

	mu sync.Mutex
	// What waits for the sender, in order: openings and waiters.
	queue []any
	// What the sender is cutting.
	work *work

	// Never together with the other locks' work: openings that go on, or whose end is not acknowledged.
	openMu      sync.Mutex
	openings    map[*Opening]struct{}
	runIDs      map[string]struct{}
	nextOpening uint32
	isClosing   bool

	// Taken behind mu where both are.
	boxMu   sync.Mutex
	box     outbox
	waiting []*waiter
	failure *fault.Error
	trouble *fault.Error

	// Something waits; and somebody waits for it.
	stir, hurry chan struct{}
	cancel      context.CancelFunc
	ended       chan struct{}
	sender      sender
}

type waiter struct {
	// The last sequence that it waits for, once that is known.
	mark uint64
	done chan struct{}
	err  *fault.Error
}

// New makes a producer with a spool in the home, or in memory where that can't be.
func New(settings Settings) *Producer {
	p := &Producer{
		settings: settings,
		openings: map[*Opening]struct{}{},
		runIDs:   map[string]struct{}{},
		stir:     make(chan struct{}, 1),
		hurry:    make(chan struct{}, 1),
		ended:    make(chan struct{}),
	}
	// It never fails.
	_, _ = rand.Read(p.id[:])
	p.box.first = 1
	p.spool = p.newSpool()
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.sender = sender{p: p, batchBytesMax: contract.BatchBytesMax, messageBytesMax: contract.BatchBytesMax, refusals: map[[2]string]bool{}}
	go func() {
		defer close(p.ended)
		p.sender.run(ctx)
	}()
	return p
}

func (p *Producer) newSpool() *spool.Spool {
	who := daemon.ProcessIdentity()
	options := spool.Options{
		BytesMax: p.settings.BufferBytesMax,
		Owner: spool.Owner{
			ProducerID: p.id, BootID: who.BootID, PidNamespace: who.PidNamespace, Pid: uint64(who.Pid), StartTicks: who.StartTicks,
			ClientName: p.settings.ClientName, ClientVersion: p.settings.ClientVersion,
		},
		DiskFull: func(err error) {
			// It is called in the midst of a log call, whose locks the program's code must not meet.
			go p.warn(unavailable("The home's volume takes no more (%v): what is logged from now on is kept in memory.", err))
		},
	}
	// The daemon of a given endpoint may have any home.
	if home := p.settings.Finder.Home(); home != "" {
		made, err := spoolIn(home, options)
		if err == nil {
			return made
		}
		p.warn(unavailable("No spool can be made in the home %s (%v): what is logged is kept in memory.", home, err))
	}
	options.Folder = ""
	// In memory it never fails.
	made, _ := spool.New(options)
	return made
}

func spoolIn(home string, options spool.Options) (*spool.Spool, error) {
	if err := daemon.CheckFolder(home); err != nil {
		return nil, err
	}
	options.Folder = filepath.Join(home, "client-spools")
	if err := spool.MakeFolder(options.Folder); err != nil {
		return nil, err
	}
	return spool.New(options)
}

func unavailable(format string, values ...any) *fault.Error {
	return fault.New("STEPWELL_SPOOL_UNAVAILABLE", format, values...)
}

// Open begins to log to a run: start is its start as a field of a batch, goesOn what follows it where the run may have
// ended before; nil where somebody else began it.
func (p *Producer) Open(runID string, start, goesOn []byte) (*Opening, error) {
	o := &Opening{producer: p, RunID: runID, raw: rawID(runID), start: start, columns: map[name]*Column{}, plain: map[string]*Column{}, params: map[string]string{}}
	o.fast.Store(&map[string]*Column{})
	p.openMu.Lock()
	if p.isClosing {
		p.openMu.Unlock()
		return nil, fault.New("STEPWELL_CLIENT_CLOSED", "The client is closed.")
	}
	p.nextOpening++
	o.number = p.nextOpening
	p.openings[o] = struct{}{}
	// One more than a drain names, which says that there were too many.
	if len(p.runIDs) <= contract.DrainRunsMax {
		p.runIDs[runID] = struct{}{}
	}
	p.openMu.Unlock()
	if start == nil {
		return o, nil
	}
	record, err := p.spool.Append(o.raw, o.number, spool.KindStart, start, goesOn)
	if err != nil {
		p.forget(o)
		// Entries without a start would be nobody's.
		o.isEnded = true
		if fault.CodeOf(err) != "STEPWELL_BUFFER_FULL" {
			return nil, err
		}
		p.drop(0)
		return o, nil
	}
	record.Name = "the run's start"
	p.enqueue(o, record)
	return o, nil
}

// RunIDs are the runs that were ever logged to; false where they are more than a drain names.
func (p *Producer) RunIDs() ([]string, bool) {
	p.openMu.Lock()
	defer p.openMu.Unlock()
	if len(p.runIDs) > contract.DrainRunsMax {
		return nil, false
	}
	return slices.Collect(maps.Keys(p.runIDs)), true
}

// forget lets go of an opening.
func (p *Producer) forget(o *Opening) {
	p.openMu.Lock()
	delete(p.openings, o)
	p.openMu.Unlock()
}

func (p *Producer) hasOpenings() bool {
	p.openMu.Lock()
	defer p.openMu.Unlock()
	return len(p.openings) > 0
}

// drop counts entries for which there was no room, and says so once.
func (p *Producer) drop(entries int) {
	p.dropped.Add(uint64(entries))
	if !p.hasDropTold.Swap(true) {
		p.warn(fault.New("STEPWELL_BUFFER_FULL", "The spool is full: the newest entries are dropped and counted."))
	}
}

func (p *Producer) warn(err *fault.Error) {
	if p.settings.Warn != nil {
		p.settings.Warn(err)
	}
}

func (p *Producer) markDirty(c *Column) {
	if c.isDirty.Swap(true) {
		return
	}
	o := c.opening
	p.mu.Lock()
	o.dirty = append(o.dirty, c)
	p.queueOpening(o)
	p.mu.Unlock()
	poke(p.stir)
}

func (p *Producer) enqueue(o *Opening, record *spool.Record) {
	p.mu.Lock()
	o.records = append(o.records, record)
	p.queueOpening(o)
	p.mu.Unlock()
	poke(p.stir)
}

// wakeFor has the sender look at an opening that nobody logs to any more.
func (p *Producer) wakeFor(o *Opening) {
	p.mu.Lock()
	p.queueOpening(o)
	p.mu.Unlock()
	poke(p.stir)
}

func (p *Producer) queueOpening(o *Opening) {
	if !o.isQueued {
		o.isQueued = true
		p.queue = append(p.queue, o)
	}
}

// poke makes a signal; one that is there already is enough.
func poke(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// hasPending says whether anything is not acknowledged.
func (p *Producer) hasPending() bool {
	p.mu.Lock()
	waits := len(p.queue) > 0 || p.work != nil
	p.mu.Unlock()
	p.boxMu.Lock()
	defer p.boxMu.Unlock()
	return waits || len(p.box.held) > 0
}

// Flush waits until all that was logged before is acknowledged: STEPWELL_FLUSH_TIMEOUT when the context ends first.
func (p *Producer) Flush(ctx context.Context) error {
	p.boxMu.Lock()
	failure := p.failure
	p.boxMu.Unlock()
	if failure != nil {
		return failure
	}
	if !p.hasPending() {
		return nil
	}
	if _, isBounded := ctx.Deadline(); !isBounded {
		timed, cancel := context.WithTimeout(ctx, contract.FlushWait)
		defer cancel()
		ctx = timed
	}
	w := &waiter{done: make(chan struct{})}
	p.mu.Lock()
	p.queue = append(p.queue, w)
	p.mu.Unlock()
	begun := time.Now()
	poke(p.hurry)
	select {
	case <-w.done:
		if w.err != nil {
			return w.err
		}
		return nil
	case <-ctx.Done():
		return p.whatIsLeft(time.Since(begun)).Because(ctx.Err())
	case <-p.ended:
		p.boxMu.Lock()
		defer p.boxMu.Unlock()
		if p.failure != nil {
			return p.failure
		}
		return fault.New("STEPWELL_CLIENT_CLOSED", "The client is closed.")
	}
}

func (p *Producer) whatIsLeft(waited time.Duration) *fault.Error {
	reason := ""
	p.boxMu.Lock()
	if p.trouble != nil {
		reason = " " + p.trouble.Sentence
	}
	p.boxMu.Unlock()
	return fault.New("STEPWELL_FLUSH_TIMEOUT", "After %v %d entries were not acknowledged.%s",
		waited.Round(time.Millisecond), p.Stats().Pending, reason)
}

// Stats are the counters now.
func (p *Producer) Stats() Stats {
	return Stats{
		Sent: p.sent.Load(), Acknowledged: p.acknowledged.Load(), Rejected: p.rejected.Load(), Dropped: p.dropped.Load(),
		Connects: p.connects.Load(), Pending: p.pending(), PendingBytes: p.spool.UsedBytes(),
	}
}

// pending counts what was logged and is not answered yet.
func (p *Producer) pending() int64 {
	count := p.spool.PendingRows()
	p.mu.Lock()
	for _, item := range p.queue {
		if o, ok := item.(*Opening); ok {
			count += entriesOf(o.records)
		}
	}
	if p.work != nil {
		count += p.work.recordEntries.Load()
	}
	p.mu.Unlock()
	p.boxMu.Lock()
	defer p.boxMu.Unlock()
	for _, b := range p.box.held {
		count += entriesOf(b.parts.Before) + entriesOf(b.parts.Series) + entriesOf(b.parts.After)
	}
	return count
}

func entriesOf(records []*spool.Record) (count int64) {
	for _, record := range records {
		switch record.Kind {
		case spool.KindSeries:
			count += int64(record.Points)
		case spool.KindParam, spool.KindTag, spool.KindRemovedTag:
			count++
		case spool.KindStart, spool.KindEnd:
		}
	}
	return count
}

// IsDurable says whether what is logged is in a file.
func (p *Producer) IsDurable() bool { return p.spool.IsDurable() }

// SpoolPath is the file's, or an empty text.
func (p *Producer) SpoolPath() string { return p.spool.Path() }

// Close sends what is left and ends the producer. What can't be sent until the context ends stays in the spool, for the
// daemon, which takes it when this process is gone: STEPWELL_FLUSH_TIMEOUT then.
func (p *Producer) Close(ctx context.Context) error {
	p.openMu.Lock()
	wasClosing := p.isClosing
	p.isClosing = true
	left := p.inOrder()
	p.openMu.Unlock()
	if wasClosing {
		<-p.ended
		return nil
	}
	for _, o := range left {
		// It is left to the daemon: nobody said how it ended.
		_ = o.End(nil)
	}
	err := p.Flush(ctx)
	if err == nil {
		p.sender.finish()
		select {
		case <-p.ended:
		case <-time.After(contract.CloseWait + time.Second):
		case <-ctx.Done():
		}
	}
	p.cancel()
	<-p.ended
	p.spool.Close(err == nil)
	return err
}

// again begins runs that go on once more: another home may know nothing of them.
func (p *Producer) again() {
	p.openMu.Lock()
	left := p.inOrder()
	p.openMu.Unlock()
	for _, o := range left {
		if o.start != nil {
			// Without room it is said and counted.
			_ = o.add(spool.KindStart, "the run's start", 0, o.start)
		}
	}
}

// inOrder answers the openings as they were made. With their lock.
func (p *Producer) inOrder() []*Opening {
	return slices.SortedFunc(maps.Keys(p.openings), func(one, other *Opening) int { return cmp.Compare(one.number, other.number) })
}

// RunStart and RunEnd are wire's.
var (
	RunStart = wire.RunStart
	RunEnd   = wire.RunEnd
)
