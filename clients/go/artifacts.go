package stepwell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/daemon"
	"github.com/stepwell/stepwell/clients/go/internal/fault"
	"github.com/stepwell/stepwell/clients/go/internal/limits"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

const artifactsRoute = "/api/2.0/mlflow-artifacts/artifacts"

// LogArtifact stores a file, or a folder with all that is in it, below the run's folder of artifacts: under its own name
// in artifactFolder, which may be empty. Files are streamed, of whatever size, to the daemon's gateway, which keeps what
// the tracker's server can't have now.
//
// It waits until the daemon, or the tracker's server, has it. Fails with STEPWELL_ARTIFACT_INVALID for what can't be
// logged, STEPWELL_ARTIFACTS_ELSEWHERE where the tracker's server takes none from its clients, STEPWELL_ARTIFACT_REFUSED
// with what the server said, or STEPWELL_DAEMON_UNREACHABLE.
func (r *Run) LogArtifact(ctx context.Context, localPath, artifactFolder string) error {
	if artifactFolder != "" {
		if err := checkArtifact(artifactFolder); err != nil {
			return err
		}
	}
	absolute, err := filepath.Abs(localPath)
	if err != nil {
		return unreadable(localPath, err)
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return unreadable(localPath, err)
	}
	artifact := path.Join(artifactFolder, filepath.Base(absolute))
	return r.eachPlace(ctx, func(place artifactPlace) error {
		if !info.IsDir() {
			return place.put(ctx, absolute, artifact)
		}
		return filepath.WalkDir(absolute, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return unreadable(file, err)
			}
			if entry.IsDir() {
				return nil
			}
			below, err := filepath.Rel(absolute, file)
			if err != nil {
				return unreadable(file, err)
			}
			return place.put(ctx, file, path.Join(artifact, filepath.ToSlash(below)))
		})
	})
}

// LogText stores a text as a file of the run's artifacts, in UTF-8. Waits and fails as LogArtifact.
func (r *Run) LogText(ctx context.Context, text, artifactFile string) error {
	if err := checkArtifact(artifactFile); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "stepwell-")
	if err != nil {
		return unreadable(folder, err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, path.Base(artifactFile))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return unreadable(file, err)
	}
	return r.eachPlace(ctx, func(place artifactPlace) error { return place.put(ctx, file, artifactFile) })
}

// artifactPlace is where a run's artifacts go at one tracker.
type artifactPlace interface {
	put(ctx context.Context, file, artifact string) error
}

func (r *Run) eachPlace(ctx context.Context, do func(artifactPlace) error) error {
	// The daemon has to know of the run, and of what was logged to it.
	if err := r.client.Flush(ctx); err != nil {
		return err
	}
	for _, run := range append([]*Run{r}, r.others...) {
		trackers := run.options.Trackers
		if len(trackers) == 0 {
			trackers = []string{""}
		}
		for _, tracker := range trackers {
			place, err := run.placeAt(ctx, tracker)
			if err != nil {
				return err
			}
			if err := do(place); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Run) placeAt(ctx context.Context, tracker string) (artifactPlace, error) {
	address, err := r.client.gatewayOf(ctx, tracker, r.attached)
	if err != nil {
		return nil, err
	}
	g := gateway{strings.TrimSuffix(address, "/")}
	text, err := g.send(ctx, http.MethodGet, "/api/2.0/mlflow/runs/get?"+url.Values{"run_id": {r.ID()}}.Encode(), "")
	if err != nil {
		return nil, err
	}
	var answer struct {
		Run struct {
			Info struct {
				ArtifactURI string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"run"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fault.New("STEPWELL_ARTIFACT_REFUSED", "The gateway's answer is no JSON: %v.", err).Because(err)
	}
	return placeOf(g, answer.Run.Info.ArtifactURI)
}

func placeOf(g gateway, artifactURI string) (artifactPlace, error) {
	parsed, err := url.Parse(artifactURI)
	if err != nil {
		return nil, fault.New("STEPWELL_ARTIFACTS_ELSEWHERE", "The tracker's artifacts are at no address that can be read.")
	}
	if parsed.Scheme == "mlflow-artifacts" {
		return atServer{g, strings.Trim(parsed.Path, "/")}, nil
	}
	_, below, isFound := strings.Cut(parsed.Path, "/mlflow-artifacts/artifacts/")
	switch {
	case (parsed.Scheme == "http" || parsed.Scheme == "https") && isFound:
		return atServer{g, strings.Trim(below, "/")}, nil
	case parsed.Scheme == "file" && (parsed.Host == "" || parsed.Host == "localhost"):
		return inFolder{filepath.FromSlash(parsed.Path)}, nil
	case filepath.IsAbs(artifactURI):
		return inFolder{artifactURI}, nil
	}
	// Without the query and a user's name, which may be a password.
	return nil, fault.New("STEPWELL_ARTIFACTS_ELSEWHERE", "The tracker's artifacts are at %s://%s%s, which its server does not write to for its clients.",
		parsed.Scheme, parsed.Hostname(), parsed.Path)
}

// atServer: the tracker's server keeps them.
type atServer struct {
	gateway gateway
	root    string
}

func (a atServer) put(ctx context.Context, file, artifact string) error {
	parts := strings.Split(path.Join(a.root, artifact), "/")
	for index, part := range parts {
		parts[index] = url.PathEscape(part)
	}
	_, err := a.gateway.send(ctx, http.MethodPut, artifactsRoute+"/"+strings.Join(parts, "/"), file)
	return err
}

// inFolder: those of a local tracker, in a folder of this machine.
type inFolder struct{ folder string }

func (i inFolder) put(_ context.Context, file, artifact string) (err error) {
	source, err := os.Open(file)
	if err != nil {
		return unreadable(file, err)
	}
	defer source.Close()
	target := filepath.Join(i.folder, filepath.FromSlash(artifact))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return refusedBy(err)
	}
	// Nobody sees a half of it.
	part, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".")
	if err != nil {
		return refusedBy(err)
	}
	defer os.Remove(part.Name())
	_, err = io.Copy(part, source)
	if err = errors.Join(err, part.Chmod(0o644), part.Close()); err == nil {
		err = os.Rename(part.Name(), target)
	}
	if err != nil {
		return refusedBy(err)
	}
	return nil
}

func refusedBy(err error) error {
	return fault.New("STEPWELL_ARTIFACT_REFUSED", "It can't be written: %v.", err).Because(err)
}

// gatewayOf is the daemon's address for a tracker; it is asked for once. One of `stepwell run` has been given.
func (c *Client) gatewayOf(ctx context.Context, tracker string, isAttached bool) (string, error) {
	if given := os.Getenv("MLFLOW_TRACKING_URI"); isAttached && len(c.inherited) > 0 && strings.HasPrefix(given, "http://127.0.0.1:") {
		return given, nil
	}
	c.mu.Lock()
	known := c.gateways[tracker]
	c.mu.Unlock()
	if known != "" {
		return known, nil
	}
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewGatewayServiceClient(connection).OpenGateway(ctx, &pb.OpenGatewayRequest{Tracker: tracker}, grpc.Trailer(&trailer))
		known = answer.GetTrackingUri()
		return daemon.ErrorOf(err, trailer)
	})
	if err == nil {
		c.mu.Lock()
		c.gateways[tracker] = known
		c.mu.Unlock()
	}
	return known, err
}

// gateway speaks MLflow's API to the daemon.
type gateway struct{ root string }

// send makes a request, with a file as its body where one is named, and tries again for a while where nobody answers.
func (g gateway) send(ctx context.Context, method, target, file string) ([]byte, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: limits.GatewayStill}}
	deadline := time.Now().Add(limits.Gateway)
	for {
		answer, err := g.try(ctx, client, method, target, file)
		var known *fault.Error
		if err == nil || errors.As(err, &known) {
			return answer, err
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			// The address opens the tracker: it is not shown.
			var shown *url.Error
			if errors.As(err, &shown) {
				err = shown.Err
			}
			return nil, fault.New("STEPWELL_DAEMON_UNREACHABLE", "The daemon's gateway did not answer: %v.", err).Because(err)
		}
		select {
		case <-time.After(rand.N(limits.CallPauseMax)):
		case <-ctx.Done():
		}
	}
}

func (g gateway) try(ctx context.Context, client *http.Client, method, target, file string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, g.root+target, nil)
	if err != nil {
		return nil, fault.New("STEPWELL_INTERNAL", "The gateway's address can't be read.")
	}
	if file != "" {
		// Made anew for each try.
		body, err := os.Open(file)
		if err != nil {
			return nil, unreadable(file, err)
		}
		defer body.Close()
		info, err := body.Stat()
		if err != nil {
			return nil, unreadable(file, err)
		}
		// What is added meanwhile is left out.
		request.Body = io.NopCloser(io.LimitReader(body, info.Size()))
		request.ContentLength = info.Size()
		if info.Size() == 0 {
			request.Body = http.NoBody
		}
		request.Header.Set("Content-Type", mediaTypeOf(target))
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, limits.GatewayAnswerBytesMax))
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 300 {
		return answer, nil
	}
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &said) != nil || said.Message == "" {
		said.Message = strings.ToValidUTF8(string(answer), "?")
	}
	return nil, fault.New("STEPWELL_ARTIFACT_REFUSED", "The answer was %d: %s.", response.StatusCode, strings.TrimRight(fmt.Sprintf("%.500s", said.Message), "."))
}

// What MLflow takes for text whatever the system's table says.
var texts = map[string]bool{"MLmodel": true, "MLproject": true, "log": true, "yaml": true, "yml": true, "json": true, "cfg": true, "conf": true, "jsonl": true, "py": true, "md": true}

func mediaTypeOf(artifact string) string {
	name := path.Base(artifact)
	extension := path.Ext(name)
	if texts[strings.TrimPrefix(extension, ".")] || extension == "" && texts[name] {
		return "text/plain"
	}
	if kind := mime.TypeByExtension(extension); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// checkArtifact refuses a path that MLflow does: STEPWELL_ARTIFACT_INVALID.
func checkArtifact(artifact string) error {
	isPlain := artifact != "" && path.Clean(artifact) == artifact && artifact != "." && !path.IsAbs(artifact) &&
		artifact != ".." && !strings.HasPrefix(artifact, "../") && !strings.ContainsRune(artifact, 0)
	if !isPlain {
		return fault.New("STEPWELL_ARTIFACT_INVALID", "An artifact can't be at %.300q.", artifact)
	}
	return nil
}

func unreadable(file string, err error) error {
	return fault.New("STEPWELL_ARTIFACT_INVALID", "%s can't be read: %v.", file, err).Because(err)
}
