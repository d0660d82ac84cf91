package stepwell

import (
	"context"
	"time"

	"github.com/stepwell/stepwell/clients/go/internal/daemon"
	pb "github.com/stepwell/stepwell/clients/go/internal/stepwellv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Component is one part of a stack: an experiment tracker, an artifact store or an orchestrator.
type Component struct {
	// ID is 32 hexadecimal digits.
	ID   string
	Name string
	// Flavor is for example "mlflow" or "local".
	Flavor string
	// Configuration has the flavor's own settings. No value is ever a credential.
	Configuration map[string]string
	Labels        map[string]string
	Created       time.Time
}

// Stack is a named set of components.
type Stack struct {
	ID   string
	Name string
	// Trackers are its experiment trackers; the first is the default.
	Trackers      []Component
	ArtifactStore Component
	Orchestrator  Component
	IsActive      bool
	Labels        map[string]string
	Created       time.Time
}

// Secret is everything about a secret but its values.
type Secret struct {
	ID   string
	Name string
	// Keys in alphabetical order.
	Keys []string
	// Backend is "keychain" or "vault".
	Backend string
}

// Tracker says what an experiment tracker is registered as.
type Tracker struct {
	Name string
	// Flavor is "mlflow" where none is given.
	Flavor string
	// Configuration has its settings, such as tracking_uri. A value may refer to a secret, as {{NAME.KEY}}; a credential in
	// plain text is moved into one.
	Configuration map[string]string
	Labels        map[string]string
}

// Stacks answers all stacks, by name. Fails with STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) Stacks(ctx context.Context) ([]Stack, error) {
	var found []Stack
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		found = nil
		stream, err := pb.NewStacksServiceClient(connection).ListStacks(ctx, &pb.ListStacksRequest{})
		if err != nil {
			return daemon.ErrorOf(err, nil)
		}
		return all(stream, func(piece *pb.ListStacksResponse) {
			for _, each := range piece.GetStacks() {
				found = append(found, stackOf(each))
			}
		})
	})
	return found, err
}

// ActiveStack answers the stack whose default tracker runs go to. Fails with STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) ActiveStack(ctx context.Context) (Stack, error) {
	var found Stack
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewStacksServiceClient(connection).GetStack(ctx, &pb.GetStackRequest{}, grpc.Trailer(&trailer))
		found = stackOf(answer.GetStack())
		return daemon.ErrorOf(err, trailer)
	})
	return found, err
}

// Trackers answers all experiment trackers, by name. Fails with STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) Trackers(ctx context.Context) ([]Component, error) {
	var found []Component
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		found = nil
		request := &pb.ListComponentsRequest{Type: pb.ComponentType_COMPONENT_TYPE_EXPERIMENT_TRACKER}
		stream, err := pb.NewStacksServiceClient(connection).ListComponents(ctx, request)
		if err != nil {
			return daemon.ErrorOf(err, nil)
		}
		return all(stream, func(piece *pb.ListComponentsResponse) {
			for _, each := range piece.GetComponents() {
				found = append(found, componentOf(each))
			}
		})
	})
	return found, err
}

// RegisterTracker adds an experiment tracker. Runs go to it once a stack has it: RegisterStack. Fails with
// STEPWELL_NAME_TAKEN, STEPWELL_CONFIG_INVALID or STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) RegisterTracker(ctx context.Context, tracker Tracker) (Component, error) {
	if tracker.Flavor == "" {
		tracker.Flavor = "mlflow"
	}
	var made Component
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewStacksServiceClient(connection).RegisterComponent(ctx, &pb.RegisterComponentRequest{
			Type: pb.ComponentType_COMPONENT_TYPE_EXPERIMENT_TRACKER, Name: tracker.Name, Flavor: tracker.Flavor,
			Configuration: tracker.Configuration, Labels: tracker.Labels,
		}, grpc.Trailer(&trailer))
		made = componentOf(answer.GetComponent())
		return daemon.ErrorOf(err, trailer)
	})
	return made, err
}

// RegisterStack adds a stack of these trackers, the first of which is its default, and makes it the active one where
// that is wanted. Fails with STEPWELL_COMPONENT_UNKNOWN, STEPWELL_NAME_TAKEN or STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) RegisterStack(ctx context.Context, name string, trackers []string, setActive bool) (Stack, error) {
	var made Stack
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewStacksServiceClient(connection).RegisterStack(ctx, &pb.RegisterStackRequest{
			Name: name, ExperimentTrackers: trackers, SetActive: setActive,
		}, grpc.Trailer(&trailer))
		made = stackOf(answer.GetStack())
		return daemon.ErrorOf(err, trailer)
	})
	return made, err
}

// CreateSecret adds a secret, whose values the daemon keeps in the system's keychain or its own vault. Fails with
// STEPWELL_NAME_TAKEN, STEPWELL_SECRET_INVALID, or why values can't be kept now: STEPWELL_KEYCHAIN_LOCKED,
// STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED, STEPWELL_VAULT_DAMAGED.
func (c *Client) CreateSecret(ctx context.Context, name string, values map[string]string) (Secret, error) {
	var made Secret
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		var trailer metadata.MD
		answer, err := pb.NewSecretsServiceClient(connection).CreateSecret(ctx, &pb.CreateSecretRequest{Name: name, Values: values}, grpc.Trailer(&trailer))
		made = secretOf(answer.GetSecret())
		return daemon.ErrorOf(err, trailer)
	})
	return made, err
}

// Secrets answers all secrets, by name, without values. Fails with STEPWELL_DAEMON_UNREACHABLE.
func (c *Client) Secrets(ctx context.Context) ([]Secret, error) {
	var found []Secret
	err := c.call(ctx, func(ctx context.Context, connection *grpc.ClientConn) error {
		found = nil
		var trailer metadata.MD
		answer, err := pb.NewSecretsServiceClient(connection).ListSecrets(ctx, &pb.ListSecretsRequest{}, grpc.Trailer(&trailer))
		for _, each := range answer.GetSecrets() {
			found = append(found, secretOf(each))
		}
		return daemon.ErrorOf(err, trailer)
	})
	return found, err
}

func stackOf(stack *pb.Stack) Stack {
	made := Stack{
		ID: stack.GetId(), Name: stack.GetName(), ArtifactStore: componentOf(stack.GetArtifactStore()),
		Orchestrator: componentOf(stack.GetOrchestrator()), IsActive: stack.GetActive(), Labels: stack.GetLabels(),
		Created: timeOf(stack.GetCreatedMs()),
	}
	for _, each := range stack.GetExperimentTrackers() {
		made.Trackers = append(made.Trackers, componentOf(each))
	}
	return made
}

func componentOf(component *pb.Component) Component {
	return Component{
		ID: component.GetId(), Name: component.GetName(), Flavor: component.GetFlavor(), Configuration: component.GetConfiguration(),
		Labels: component.GetLabels(), Created: timeOf(component.GetCreatedMs()),
	}
}

func secretOf(secret *pb.Secret) Secret {
	backend := map[pb.SecretBackend]string{pb.SecretBackend_SECRET_BACKEND_KEYCHAIN: "keychain", pb.SecretBackend_SECRET_BACKEND_VAULT: "vault"}
	return Secret{ID: secret.GetId(), Name: secret.GetName(), Keys: secret.GetKeys(), Backend: backend[secret.GetBackend()]}
}
